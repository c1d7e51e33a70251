"""The program of this computer that has a port, as far as this user may know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: The state of a socket that waits for others, in the kernel's tables: LISTEN for TCP, CLOSE for UDP.
_WAITING = {"tcp": "0A", "udp": "07"}


def program_on(port: int, protocol: str = "tcp") -> str:
    """Return the program that has a port, as ``python3 (process 4242)``; empty if that can't be known.

    Only an administrator sees the open files of other users' programs.
    """
    sockets = {f"socket:[{inode}]" for inode in _inodes(port, protocol)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or it has just ended
            if any(str(file.readlink()) in sockets for file in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {process.name})"
    return ""


def _inodes(port: int, protocol: str) -> Iterator[str]:
    for table in (Path("/proc/net", protocol), Path("/proc/net", f"{protocol}6")):
        with suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port and fields[3] == _WAITING[protocol]:
                    yield fields[9]
