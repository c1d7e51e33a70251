"""The supervisor as a process: ``python -m drydock.machine.supervisor FOLDER --report FD [--owner FD]``.

:class:`~drydock.machine.supervisor.launcher.Launcher` starts it. It writes one line of JSON to the report pipe:
``{"ready": true}`` or ``{"error": …}``. When the owner's pipe is closed, the owner has ended, and the machine stops.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock.core import cli_errors
from drydock.errors import DrydockError
from drydock.machine.host.child_process import adopt_orphans
from drydock.machine.supervisor.launcher import KILLED
from drydock.machine.supervisor.supervisor import Supervisor

#: Open files that the supervisor and the network helper may have, if the system allows it: each connection to a
#: published port takes two of the supervisor's. Many systems start processes with 1,024.
_OPEN_FILES = 65536
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


async def _run(folder: Path, report: int, owner: int | None) -> int:
    """Run one machine until it stops; return this process's exit code."""
    loop = asyncio.get_running_loop()
    # The constructor creates the folder of sockets: a signal before the handlers are set would leave it behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    supervisor = Supervisor(folder, owned=owner is not None)
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, supervisor.request_stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
    if owner is not None:
        loop.add_reader(owner, _owner_ended, loop, owner, supervisor)
    try:
        if not await _boot(supervisor):
            _write_report(report, {"error": supervisor.boot_failure("it was stopped while it was booting").to_json()})
            return 0
        _write_report(report, {"ready": True})
        await supervisor.serve()
        return KILLED if supervisor.was_killed else 0
    except (DrydockError, OSError) as error:  # the system's: the disk may be full, or slirp4netns has just ended
        finished = cli_errors.explained(error) or supervisor.boot_failure(str(error))
        _write_report(report, {"error": finished.to_json()})
        return 1
    finally:
        await supervisor.stop()


async def _boot(supervisor: Supervisor) -> bool:
    """Boot the machine; return False when a stop was requested meanwhile. Raises the error of a failed boot."""
    booting = asyncio.ensure_future(supervisor.boot())
    ending = asyncio.ensure_future(supervisor.ended.wait())
    await asyncio.wait({booting, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not booting.done():
        booting.cancel()
        await asyncio.wait({booting})
        if supervisor.stop_requested:
            return False
        raise supervisor.boot_failure("it ended while booting")
    await booting
    return True


def _owner_ended(loop: asyncio.AbstractEventLoop, owner: int, supervisor: Supervisor) -> None:
    loop.remove_reader(owner)
    supervisor.request_stop()


def _write_report(report: int, message: dict[str, Any]) -> None:
    with suppress(OSError):  # the launcher's process may have ended; whether the machine stops depends on the owner
        os.write(report, json.dumps(message).encode() + b"\n")
        os.close(report)


def _raise_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def main() -> int:
    """Run the supervisor of the machine that the command line names."""
    parser = argparse.ArgumentParser(prog="drydock.machine.supervisor")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--report", type=int, required=True)
    parser.add_argument("--owner", type=int)
    options = parser.parse_args()
    adopt_orphans()
    _raise_open_files()
    return asyncio.run(_run(options.folder, options.report, options.owner))


if __name__ == "__main__":
    raise SystemExit(main())
