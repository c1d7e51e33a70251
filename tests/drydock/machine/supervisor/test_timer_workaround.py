"""The pulse: what it starts is woken again and again, and is as it would be without."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from drydock.machine.host import host_python
from drydock.machine.supervisor import timer_workaround

SCRIPT = host_python.command(Path(timer_workaround.__file__))


def output(*command: str, first: str = "0.05") -> str:
    """Return the output of a command with an interval timer, whose first alarm comes after ``first`` seconds."""
    argv = [*SCRIPT, first, "0.05", *command]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=40).stdout


def test_alarms_come_again_and_again() -> None:
    """A process that waits for alarms gets one after the other."""
    wait = "import signal; print([signal.sigwait([signal.SIGALRM]).name for _ in range(3)])"
    block = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); "
    # Linux stops an interval timer whose alarm is ignored, so the first one must not come before this line has run.
    listen = "signal.signal(signal.SIGALRM, signal.SIG_DFL); "
    assert output(sys.executable, "-c", block + listen + wait, first="5") == f"{['SIGALRM'] * 3}\n"


def test_who_does_not_listen_yet_is_not_ended() -> None:
    """A kernel takes a moment until it listens for alarms."""
    assert output("/bin/sh", "-c", "sleep 0.3; echo still here") == "still here\n"


def test_nothing_else_is_changed() -> None:
    """No other signal is ignored in what it starts than in what is started without."""
    look = ["/bin/sh", "-c", "grep SigIgn /proc/self/status"]
    without = subprocess.run(look, capture_output=True, text=True, check=True, timeout=20).stdout
    assert int(output(*look).split()[1], 16) == int(without.split()[1], 16) | 1 << signal.SIGALRM - 1


def test_what_is_not_there_is_named() -> None:
    """Its name and the reason are all that is printed, for the message on a machine that did not come up."""
    done = subprocess.run(
        [*SCRIPT, "0.05", "0.05", "/no/such/kernel"], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.stderr == "/no/such/kernel: No such file or directory\n"
    assert done.returncode == 1
