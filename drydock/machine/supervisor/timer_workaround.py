"""The pulse of a kernel: an alarm clock beside its own, for the alarm that it loses now and then.

A kernel that is a process sets one alarm at a time, and the signal tells it that the time has come. Once in hours of
work Debian's loses one: seen with no alarm set, none pending, all of the guest asleep and the processor spinning. From
then on nothing in there wakes up any more until another alarm comes, whoever sends it. One too many does no harm: the
kernel looks what is due, and sets the next.

``python -I -S pulse.py FIRST EVERY COMMAND…`` becomes the command, with an alarm after FIRST seconds and then every
EVERY seconds for as long as it lives. It stands alone, since it runs behind a wall, too.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def beat(first: float, every: float, command: list[str]) -> NoReturn:
    """Become the command; what is set here outlasts that."""
    # Until the command listens for alarms, one would end it.
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, first, every)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python has begun to ignore these
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    beat(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
