"""Starting a machine's supervisor, waiting for its report, sending requests to it, and stopping it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from drydock.core.waiting import wait_for
from drydock.errors import BootFailed, DrydockError, NotRunning
from drydock.machine.store import artifact_cache
from drydock.machine.store.instance import Instance
from drydock.machine.supervisor import rpc

#: A supervisor's exit code after a process of this computer killed a part of the machine. The guest can't do that.
KILLED = 9
_START_SECONDS = 120
_STOP_SECONDS = 40
#: How long a supervisor may need to end after a part of its machine was killed.
_EXIT_SECONDS = 3


class Launcher:
    """Starts and stops the supervisor of one machine; stops also one that another process has started."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._owner: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, *, owned: bool) -> None:
        """Start the supervisor and wait for its report; raise the error that it reports.

        ``owned``: the supervisor stops when this process ends, because that closes the pipe between them.
        """
        lock = os.open(self._instance.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        # A process that checks whether the machine runs holds this lock for an instant. No other process can be
        # starting the machine: the caller holds the lock for that.
        wait_for(lambda: artifact_cache.try_lock(lock), f"the lock of the machine {self._instance.name}", seconds=5)
        report_read, report_write = os.pipe()
        owner_read, self._owner = os.pipe() if owned else (None, None)
        # Opened here, because a supervisor that fails removes a temporary machine's folder with the log.
        with (self._instance.folder / "supervisor.log").open("w+b") as log:
            self._spawn(log, [lock, report_write, *([owner_read] if owner_read is not None else [])])
            try:
                _await_report(report_read, log)
            except BaseException:
                self.stop()
                self.reap()
                raise

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Send a request to the supervisor; :mod:`drydock.machine.supervisor.supervisor` lists the verbs.

        Raises :class:`~drydock.errors.NotRunning` when it does not answer.
        """
        sockets = Path(self._instance.state()["sockets"])
        try:
            return rpc.call(sockets / rpc.SOCKET, verb, **arguments)
        except OSError as error:
            raise NotRunning(self._instance.name, f"Its supervisor does not answer ({error}).") from None

    def stop(self) -> None:
        """Send SIGTERM to the supervisor and wait until it has ended."""
        try:
            os.kill(json.loads((self._instance.folder / "state.json").read_text())["pid"], signal.SIGTERM)
        except (OSError, ValueError, KeyError):  # no state yet, or a damaged file
            if self._process is not None:
                self._process.terminate()
        wait_for(self._has_ended, f"the machine {self._instance.name} to stop", seconds=_STOP_SECONDS)

    def was_killed(self) -> bool:
        """Return whether the machine ended because another process killed the supervisor or a part of the machine."""
        if self._process is None:
            return False
        with suppress(subprocess.TimeoutExpired):  # after a part was killed, the supervisor ends a moment later
            self._process.wait(_EXIT_SECONDS)
        return self._process.returncode in (-signal.SIGKILL, KILLED)

    def reap(self) -> None:
        """Close the owner's pipe and wait for the supervisor's exit."""
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None
        if self._process is not None:
            self._process.wait(timeout=_STOP_SECONDS)
            self._process = None

    def _spawn(self, log: IO[bytes], passed: list[int]) -> None:
        """Start the supervisor, which inherits the open files ``passed``: the lock first, so it holds the lock."""
        options = [word for pair in zip(("--report", "--owner"), passed[1:], strict=False) for word in map(str, pair)]
        argv = [sys.executable, "-m", "drydock.machine.supervisor", str(self._instance.folder), *options]
        try:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=passed, start_new_session=True
            )
        finally:
            for number in passed:
                os.close(number)

    def _has_ended(self) -> bool:
        if self._process is not None:
            self._process.poll()
        return not self._instance.is_running()


def _await_report(report: int, log: IO[bytes]) -> None:
    """Read the supervisor's report, one line; raise its error, or one with the end of the log if there is no report."""
    with os.fdopen(report, "rb") as stream:
        readable, _, _ = select.select([stream], [], [], _START_SECONDS)
        line = stream.readline() if readable else b""
    if not line:
        log.seek(0)
        raise BootFailed("its supervisor ended without a report", log.read().decode(errors="replace")[-2000:])
    report_message = json.loads(line)
    if "error" in report_message:
        raise DrydockError.from_json(report_message["error"])
