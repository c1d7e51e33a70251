"""The starter's side of a supervisor: launch it, wait for its report, tell it to end, and reap it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from drydock.core.waiting import wait_for
from drydock.errors import BootFailed, DrydockError, NotRunning
from drydock.machine.store import artifact_cache
from drydock.machine.store.instance import Instance
from drydock.machine.supervisor import rpc

#: A supervisor's exit code after somebody outside of the machine killed a part of it. (From inside, nobody can.)
KILLED = 9
_STOP_SECONDS = 40
_LAST_SECONDS = 3
_START_SECONDS = 120


class Launcher:
    """Starts and ends the supervisor of one machine; also one that another process started."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._owner: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, *, owned: bool) -> None:
        """Start the supervisor and wait for its report; what it says went wrong is raised.

        ``owned``: it ends when this process does, since the pipe between them closes then.
        """
        lock = os.open(self._instance.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        # Somebody asking whether it runs holds the lock for an instant; a rival start can't be here.
        wait_for(lambda: artifact_cache.try_lock(lock), f"the lock of the machine {self._instance.name}", seconds=5)
        report_read, report_write = os.pipe()
        owner_read, self._owner = os.pipe() if owned else (None, None)
        # Kept open: a supervisor that fails takes a temporary machine's folder along, log and all.
        with (self._instance.folder / "supervisor.log").open("w+b") as log:
            self._spawn(log, [lock, report_write, *([owner_read] if owner_read is not None else [])])
            try:
                _await_report(report_read, log)
            except BaseException:
                self.end()
                self.reap()
                raise

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Ask the supervisor; :mod:`drydock.machine.supervisor.supervisor` lists the verbs.

        Raises :class:`~drydock.errors.NotRunning` when it does not answer.
        """
        sockets = Path(self._instance.state()["sockets"])
        try:
            return rpc.ask(sockets / "door", verb, **arguments)
        except OSError as error:
            raise NotRunning(self._instance.name, f"its supervisor does not answer ({error})") from None

    def end(self) -> None:
        """Tell the supervisor to end, by whatever still works, and wait until it has."""
        try:
            os.kill(json.loads((self._instance.folder / "state.json").read_text())["pid"], 15)
        except (OSError, ValueError, KeyError):
            if self._process is not None:
                self._process.terminate()
        wait_for(self._gone, f"the machine {self._instance.name} to stop", seconds=_STOP_SECONDS)

    def was_killed(self) -> bool:
        """Whether the machine has ended since somebody killed it, or a part of it, from outside."""
        if self._process is None:
            return False
        with suppress(subprocess.TimeoutExpired):  # a part that is gone takes the rest along, if not at once
            self._process.wait(_LAST_SECONDS)
        return self._process.returncode in (-signal.SIGKILL, KILLED)

    def reap(self) -> None:
        """Let go of what launching left open here."""
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None
        if self._process is not None:
            self._process.wait(timeout=_STOP_SECONDS)
            self._process = None

    def _spawn(self, log: IO[bytes], passed: list[int]) -> None:
        """It inherits the lock, and so holds it for exactly as long as it lives."""
        options = [word for pair in zip(("--report", "--owner"), passed[1:], strict=False) for word in map(str, pair)]
        argv = [sys.executable, "-m", "drydock.machine.supervisor.supervisor", str(self._instance.folder), *options]
        try:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=passed, start_new_session=True
            )
        finally:
            for number in passed:
                os.close(number)

    def _gone(self) -> bool:
        if self._process is not None:
            self._process.poll()
        return not self._instance.is_running()


def _await_report(report: int, log: IO[bytes]) -> None:
    """Read the supervisor's one line; raise what it says, or what its log says when it ended without a word."""
    deadline = time.monotonic() + _START_SECONDS
    with os.fdopen(report, "rb") as stream:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        line = stream.readline() if ready else b""
    if not line:
        log.seek(0)
        raise BootFailed("its supervisor ended without a report", log.read().decode(errors="replace")[-2000:])
    message = json.loads(line)
    if "error" in message:
        raise DrydockError(message["error"]["what"], why=message["error"]["why"], next=message["error"]["next"])
