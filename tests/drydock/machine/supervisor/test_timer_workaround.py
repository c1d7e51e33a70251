"""The timer workaround: the command gets alarms again and again, and is otherwise unchanged."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.machine.host import host_python
from drydock.machine.supervisor import timer_workaround

SCRIPT = host_python.command(Path(timer_workaround.__file__))


def output(*command: str, first: str = "0.05") -> str:
    """Return the output of a command with an interval timer, whose first alarm comes after ``first`` seconds."""
    argv = [*SCRIPT, first, "0.05", *command]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=40).stdout


@pytest.mark.slow
def test_alarms_are_repeated() -> None:
    """A process that waits for alarms gets one after the other."""
    wait = "import signal; print([signal.sigwait([signal.SIGALRM]).name for _ in range(3)])"
    block = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); "
    # Linux stops an interval timer whose alarm is ignored, so the first one must not come before this line has run.
    listen = "signal.signal(signal.SIGALRM, signal.SIG_DFL); "
    assert output(sys.executable, "-c", block + listen + wait, first="5") == f"{['SIGALRM'] * 3}\n"


def test_an_alarm_before_the_handler_does_not_kill() -> None:
    """An alarm that arrives before the command has a handler does not kill it."""
    assert output("/bin/sh", "-c", "sleep 0.3; echo still here") == "still here\n"


def test_no_other_signal_is_ignored() -> None:
    """The command ignores the same signals as without the workaround, and SIGALRM."""
    argv = ["/bin/sh", "-c", "grep SigIgn /proc/self/status"]
    without = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout
    assert int(output(*argv).split()[1], 16) == int(without.split()[1], 16) | 1 << signal.SIGALRM - 1


def test_a_missing_command() -> None:
    """For a missing command, its name and the reason are printed, and the exit code is 1."""
    done = subprocess.run(
        [*SCRIPT, "0.05", "0.05", "/no/such/kernel"], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.stderr == "/no/such/kernel: No such file or directory\n"
    assert done.returncode == 1
