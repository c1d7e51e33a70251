"""The process at the other end of a connection, and its container, as the kernel reports them."""

from __future__ import annotations

import errno
import os
import re
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from drydock.machine.guest.proxy.refusal import Refused

#: The option for a pidfd of the process that connected, since Linux 6.5. Python has no name for it.
_SO_PEERPIDFD = 77
_CREDENTIALS = struct.Struct("3i")
_CGROUP = re.compile(r"^[0-9]+:[^:]*:.*/(?:docker/|docker-)([0-9a-f]{64})(?:\.scope)?$", re.MULTILINE)


class Caller(NamedTuple):
    """A process in a container. ``ended`` is a file descriptor that is readable as soon as the process has ended."""

    container: str
    ended: int


@contextmanager
def identified(connection: socket.socket) -> Iterator[Caller]:
    """Yield the caller of a connection; raise :class:`Refused` if it is in no container.

    A process can pass a connection on to another process. So the connection must end with the process that opened it.
    """
    pid, _, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    try:
        ended = _descriptor(connection, pid)
    except OSError:
        raise Refused("the process that connected has ended") from None
    try:
        yield Caller(container_of(pid), ended)
    finally:
        os.close(ended)


def has_ended(process: int) -> bool:
    """Return whether the process of a pidfd has ended."""
    return bool(select.select([process], [], [], 0)[0])


def container_of(pid: int, proc: Path = Path("/proc")) -> str:
    """Return the id of a process's container, by its cgroup."""
    try:
        groups = (proc / str(pid) / "cgroup").read_text()
    except OSError:
        raise Refused("the process that connected has ended") from None
    match = _CGROUP.search(groups)
    if match is None:
        raise Refused("only a container can use the Docker daemon")
    return match[1]


def _descriptor(connection: socket.socket, pid: int) -> int:
    try:
        return connection.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except OSError as error:
        if error.errno != errno.ENOPROTOOPT:  # the process is gone, and another one may have its number
            raise
        return os.pidfd_open(pid)
