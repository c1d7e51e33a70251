"""The program that cleans up after a test run, also when the run itself is killed.

The run starts it and holds the other end of its standard input, so it learns of the run's end however that comes. It
first reads one line of JSON: the environment variable that every process of the run has, and the run's folders. Then
it waits for "done" or the end of the input.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from tests import leaks

#: Seconds that processes get to end after SIGTERM.
_GRACE = 10


def main() -> None:
    """Wait for the end of the run, then end its processes and remove its folders."""
    run = json.loads(sys.stdin.readline())
    interrupted = sys.stdin.readline() == ""
    end(run["variable"])
    if interrupted and not leaks.other_runs(os.getpid()) and (daemon := leaks.host_daemon()):
        leaks.remove_labelled(daemon)
    for folder in run["folders"]:
        shutil.rmtree(folder, ignore_errors=True)


def end(variable: str) -> None:
    """Send SIGTERM to each process that was started with ``variable``, then SIGKILL to the remaining ones."""
    asked: set[int] = set()

    def gone() -> bool:
        running = leaks.pids(variable)
        _send(running - asked, signal.SIGTERM)
        asked.update(running)  # one that ends may have started another
        return not running

    with suppress(TimedOut):
        wait_for(gone, "the processes to end", seconds=_GRACE, every=0.1)
    while running := leaks.pids(variable):
        _send(running, signal.SIGKILL)


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


if __name__ == "__main__":
    main()
