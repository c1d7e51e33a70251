"""The tether between a container and whoever had it started: it ends when they do, however they end.

``python -I -S tether.py hold COMMAND…``, outside, becomes the command: ``docker run --interactive …``. It has no
variable of ours, ends with its parent, and holds its own standard input open. When it ends, that input ends too, and
the daemon tells the container so.

``python -I -S tether.py first [--set NAME=VALUE]… [--line NUMBER=SOCKET]… -- COMMAND…`` is the first process in the
container: it runs the command, and when the input ends, or it is told to (SIGTERM), it ends and with it all the others.
It stands alone: in there is Python's standard library, and nothing of Drydock's.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType
from typing import NoReturn

_PR_SET_PDEATHSIG = 1


def hold(command: list[str]) -> NoReturn:
    """Become the command, tied to our parent and to an input that lasts as long as it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    read, write = os.pipe()
    os.dup2(read, 0)
    os.set_inheritable(write, True)
    os.execve(command[0], command, {})


def first(words: list[str]) -> int:
    """Run a command as its parent and everybody's; its exit code, as a shell tells it."""
    signal.signal(signal.SIGTERM, _told)
    threading.Thread(target=_end_with_input, daemon=True).start()
    place = words.index("--")
    options = list(zip(words[:place:2], words[1:place:2], strict=True))
    env = dict(value.split("=", 1) for option, value in options if option == "--set")
    lines = [_connected(*value.split("=", 1)) for option, value in options if option == "--line"]
    child = subprocess.Popen(words[place + 1 :], env=env, stdin=subprocess.DEVNULL, pass_fds=lines)
    while True:  # what its children leave behind becomes ours
        pid, status = os.wait()
        if pid == child.pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _connected(number: str, path: str) -> int:
    """A file of that number that leads to the socket."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    return os.dup2(line.detach(), int(number))


def _told(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _end_with_input() -> None:
    while os.read(0, 4096):
        continue
    os._exit(0)


if __name__ == "__main__":
    side, *rest = sys.argv[1:]
    sys.exit(hold(rest) if side == "hold" else first(rest))
