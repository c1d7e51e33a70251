"""Files that are replaced as a whole: a reader sees the old content or the new content, never a part; and locks."""

from __future__ import annotations

import errno
import glob
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LEFTOVER_SECONDS = 24 * 3600.0


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yield a path beside ``file`` to write to, and rename it to ``file`` at the end of the block.

    If the block raises, ``file`` stays as it was, and what was written is removed. Each thread of each process has a
    path of its own: with a common one, a writer could rename what another has half written. What a killed writer left
    is removed after a day. Raises OSError before the block where ``file`` is a folder, or its folder is missing.
    """
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if not file.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file.parent))
    _remove_leftovers(file)
    temporary = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident():x}.new")
    try:
        yield temporary
        temporary.replace(file)
    except BaseException:
        with suppress(OSError):  # the first error is the one to report
            temporary.unlink()
        raise


def _remove_leftovers(file: Path) -> None:
    """Remove what killed processes have left beside a file; a younger one may still be written to."""
    for leftover in file.parent.glob(f".{glob.escape(file.name)}.*new"):
        with suppress(OSError):
            if time.time() - leftover.lstat().st_mtime > _LEFTOVER_SECONDS:
                leftover.unlink()


def write_atomically(file: Path, text: str, *, sync: bool = False) -> None:
    """Replace the content of ``file`` by ``text`` in UTF-8; with ``sync``, only once it is on the disk."""
    with replacing(file) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        if sync:
            stream.flush()
            os.fsync(stream.fileno())


@contextmanager
def locked(number: int) -> Iterator[None]:
    """Hold the lock of an open file or folder, by its descriptor, against other processes; wait until it is free.

    Windows has no such lock, and some network file systems refuse it: there the block runs without.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with suppress(OSError):
        fcntl.flock(number, fcntl.LOCK_EX)
    yield  # closing the descriptor releases it
