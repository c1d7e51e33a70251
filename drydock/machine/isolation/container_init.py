"""Both ends of an isolation container: the client that starts it and the first process in it. They end together.

``python -I -S container_init.py client COMMAND…`` runs on the host and becomes COMMAND: ``docker run --interactive …``.
COMMAND gets no environment variables, ends with its parent, and has a standard input that stays open as long as COMMAND
runs. When COMMAND ends, its input closes, and the daemon closes the container's input too.

``python -I -S container_init.py init [--env NAME=VALUE]… [--socket FD=PATH]… -- COMMAND…`` is the container's first
process. It runs COMMAND. It exits when COMMAND exits, when its standard input closes or on SIGTERM, and then the kernel
kills all other processes of the container.

This script imports only the standard library: the container has Python, but not Drydock.
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


def run_client(command: list[str]) -> NoReturn:
    """Become the command, which is killed when its parent ends and keeps its own standard input open."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    read, write = os.pipe()
    os.dup2(read, 0)
    os.set_inheritable(write, True)
    os.execve(command[0], command, {})


def run_init(arguments: list[str]) -> int:
    """Run a command as process 1 does, reaping every orphan; return its exit code, or 128 plus its signal's number."""
    signal.signal(signal.SIGTERM, _exit_on_signal)
    threading.Thread(target=_exit_with_input, daemon=True).start()
    separator = arguments.index("--")
    options = list(zip(arguments[:separator:2], arguments[1:separator:2], strict=True))
    env = dict(value.split("=", 1) for option, value in options if option == "--env")
    sockets = [_connect(*value.split("=", 1)) for option, value in options if option == "--socket"]
    child = subprocess.Popen(arguments[separator + 1 :], env=env, stdin=subprocess.DEVNULL, pass_fds=sockets)
    while True:  # orphans of the container become children of this process
        pid, status = os.wait()
        if pid == child.pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _connect(number: str, path: str) -> int:
    """Connect the file descriptor of that number to the Unix socket at ``path``."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return os.dup2(connection.detach(), int(number))


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _exit_with_input() -> None:
    while os.read(0, 4096):
        continue
    os._exit(0)


if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    sys.exit(run_client(rest) if role == "client" else run_init(rest))
