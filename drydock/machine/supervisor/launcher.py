"""Starting a machine's supervisor, waiting for its report, sending requests to it, and stopping it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from drydock.core.waiting import wait_for
from drydock.errors import BootFailed, DrydockError, NotRunning, StartedElsewhere, TimedOut
from drydock.machine.store import artifact_cache
from drydock.machine.store.instance import Instance
from drydock.machine.supervisor import rpc

#: A supervisor's exit code after a process of this computer killed a part of the machine. The guest can't do that.
KILLED = 9
#: The supervisor's module; on its command line, the instance folder follows.
_MODULE = "drydock.machine.supervisor"
#: More than a supervisor gives a boot before it reports that it took too long.
_START_SECONDS = 240
_STOP_SECONDS = 40
#: How long a supervisor may need to end after a part of its machine was killed.
_EXIT_SECONDS = 3
#: More than the system takes to release the lock of a process that was killed.
_LOCK_SECONDS = 1


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
        with ExitStack() as own, ExitStack() as inherited:
            lock = self._lock(inherited)
            # Opened here, because a supervisor that fails removes a temporary machine's folder with the log.
            log = own.enter_context((self._instance.folder / "supervisor.log").open("w+b"))
            report, report_end = os.pipe()
            inherited.callback(os.close, report_end)
            reports = own.enter_context(os.fdopen(report, "rb"))
            self._spawn(log, [lock, report_end, *(self._owner_pipe(inherited) if owned else [])])
            inherited.close()  # the supervisor alone has them now, so they end with it
            try:
                _await_report(reports, log)
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
        """Send SIGTERM to the supervisor and wait until it has ended.

        Another process may have started it a moment ago: then its process number is not recorded yet. Raises
        :class:`~drydock.errors.StartedElsewhere` when it is no process that this one can see.
        """
        awaited = f"the machine {self._instance.name} to stop"
        wait_for(lambda: self._send_stop() or self._has_ended(), awaited, seconds=_STOP_SECONDS)
        wait_for(self._has_ended, awaited, seconds=_STOP_SECONDS)

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
            try:
                self._process.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                awaited = f"the supervisor of the machine {self._instance.name} to end"
                raise TimedOut(awaited, _STOP_SECONDS, "It may wait for a disk that does not answer.") from None
            self._process = None

    def _lock(self, inherited: ExitStack) -> int:
        """Lock the machine, which runs as long as a process has this lock open; return the open file."""
        lock = os.open(self._instance.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        inherited.callback(os.close, lock)
        # A process that checks whether the machine runs holds this lock for an instant. No other process can be
        # starting the machine: the caller holds the lock for that.
        wait_for(lambda: artifact_cache.try_lock(lock), f"the lock of the machine {self._instance.name}", seconds=5)
        return lock

    def _owner_pipe(self, inherited: ExitStack) -> list[int]:
        """Open the pipe that ends with this process; return the supervisor's end."""
        end, self._owner = os.pipe()
        inherited.callback(os.close, end)
        return [end]

    def _spawn(self, log: IO[bytes], passed: list[int]) -> None:
        """Start the supervisor, which inherits the open files ``passed``: the lock first, so it holds the lock."""
        options = [word for pair in zip(("--report", "--owner"), passed[1:], strict=False) for word in map(str, pair)]
        # -P: a file of the current folder, such as a student's docker.py, must not stand in for a library.
        argv = [sys.executable, "-P", "-m", _MODULE, str(self._instance.folder), *options]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=passed, start_new_session=True
        )

    def _send_stop(self) -> bool:
        """Send SIGTERM to the supervisor; return False while its process number is not known."""
        pid = self._recorded_pid()
        if pid is not None and _is_supervisor(pid, self._instance.folder):
            with suppress(ProcessLookupError):  # it has ended a moment ago
                os.kill(pid, signal.SIGTERM)
        elif self._process is not None and self._process.poll() is None:  # no state yet, or a damaged file
            self._process.terminate()
        elif pid is None or not self._goes_on(pid):
            return False
        else:
            raise StartedElsewhere(self._instance.name, pid)
        return True

    def _goes_on(self, pid: int) -> bool:
        """Return whether the run with that process number goes on: a killed process has its lock a moment longer."""
        with suppress(TimedOut):
            wait_for(lambda: self._has_ended() or self._recorded_pid() != pid, "its end", seconds=_LOCK_SECONDS)
            return False
        return True

    def _recorded_pid(self) -> int | None:
        try:
            return int(json.loads((self._instance.folder / "state.json").read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _has_ended(self) -> bool:
        if self._process is not None:
            self._process.poll()
        return not self._instance.is_running()


def _is_supervisor(pid: int, folder: Path) -> bool:
    """Return whether a process is the supervisor of the machine in that folder.

    Containers with one home folder see a machine's files, but each numbers its own processes.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    with suppress(OSError, ValueError):  # ValueError: it is another program
        own = words[words.index(_MODULE.encode()) + 1]
        return folder.samefile(os.fsdecode(own))
    return False


def _await_report(reports: IO[bytes], log: IO[bytes]) -> None:
    """Read the supervisor's report, one line; raise its error, or one with the end of the log if there is no report."""
    poll = select.poll()  # `select` takes no file of a number above 1023
    poll.register(reports, select.POLLIN)
    readable = poll.poll(_START_SECONDS * 1000)
    line = reports.readline() if readable else b""
    if not line:
        log.seek(0)
        silent = f"its supervisor has reported nothing for {_START_SECONDS:.0f} s"
        reason = "its supervisor ended without a report" if readable else silent
        raise BootFailed(reason, log.read().decode(errors="replace")[-2000:])
    report_message = json.loads(line)
    if "error" in report_message:
        raise DrydockError.from_json(report_message["error"])
