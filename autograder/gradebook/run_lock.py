"""One coordinator at a time: two would grade everything twice and write over each other."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from autograder.errors import AlreadyGrading, CannotWrite


@contextmanager
def held(file: Path, doing: str) -> Iterator[None]:
    """Hold the lock, or raise :class:`~autograder.errors.AlreadyGrading`, which says who does.

    The system lets go of it when this process ends, however it ends.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a+b", buffering=0)
    except OSError as error:
        raise CannotWrite(file, error.strerror or str(error)) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyGrading(*_holder(handle)) from None
        facts = {"pid": os.getpid(), "host": socket.gethostname(), "since": _now(), "doing": doing}
        handle.truncate(0)
        with suppress(OSError):  # on a full disk the lock holds all the same, only without a name
            handle.write(json.dumps(facts).encode())
        yield
        handle.truncate(0)


def _holder(handle: FileIO) -> tuple[str, str, str]:
    """Return the holder: its process, since when, and what for."""
    handle.seek(0)
    try:
        facts = json.loads(handle.read())
        return f"process {facts['pid']} on {facts['host']}", facts["since"], facts["doing"]
    except (ValueError, KeyError, TypeError):  # it holds the lock, and has not signed yet
        return "another process", _now(), "something"


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
