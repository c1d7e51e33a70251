"""The timer workaround: an interval timer around a kernel, because Debian's kernel sometimes loses an alarm.

A kernel that runs as a process sets one timer alarm at a time, and a signal reports that it has expired. Once in many
hours of work Debian's kernel loses an alarm: observed with no alarm set, none pending, the whole guest asleep and the
CPU spinning. From then on nothing in the guest wakes up until another alarm arrives, from any sender. A superfluous
alarm is harmless: the kernel checks which timers are due, and sets the next alarm.

``python -I -S timer_workaround.py FIRST EVERY COMMAND…`` executes the command with an interval timer that sends SIGALRM
after FIRST seconds and then every EVERY seconds. The script imports only the standard library, because it also runs in
isolation, where Drydock is not visible.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def execute(first: float, every: float, command: list[str]) -> NoReturn:
    """Set the interval timer, which survives ``execv``, and execute the command in place of this process."""
    # SIGALRM would kill the command until it has installed its handler; an ignored signal stays ignored after execv.
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, first, every)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these, which the command would inherit
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    execute(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
