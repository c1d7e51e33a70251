"""What a daemon costs this computer: resident memory and processor time of all the processes that make it up."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None)
#: kcmp(2) on x86-64, asked whether two processes share their memory.
_KCMP, _KCMP_VM = 312, 1
_TICKS = os.sysconf("SC_CLK_TCK")
#: Where a stat line, after the process's name, has the times: its own two, then its reaped children's two.
_OWN, _CHILDREN = slice(11, 13), slice(13, 15)


def family(top: int) -> set[int]:
    """A process and all its descendants."""
    parents = {pid: int(fields[1]) for pid in _processes() if (fields := _stat(pid))}
    found, size = {top}, 0
    while len(found) != size:
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def daemon(file: str) -> set[int]:
    """The processes of the Docker daemon that listens at a Unix socket; empty when it can't be told.

    Containers' shims leave their parent when they start, so they, and containerd, are known by name.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(file)
        credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    top = int(struct.unpack("3i", credentials)[0])
    if top == 0:  # it lives where we can't see it
        return set()
    named = {pid for pid in _processes() if _name(pid).startswith("containerd")}
    return family(top).union(*(family(pid) for pid in named))


def resident_mb(pids: Iterable[int]) -> float:
    """Proportional set size in MB, pages that several share counted once; 0 when it may not be read."""
    return round(sum(map(_pss, _address_spaces(pids))) / 1024, 1)


def cpu_seconds(pids: Iterable[int], reapers: Iterable[int] = ()) -> float:
    """Processor seconds that processes and their reaped children have used up to now.

    Of ``reapers`` only the children count: process 1, which reaps a daemon's shims.
    """
    own = [field for pid in pids for field in _stat(pid)[_OWN.start : _CHILDREN.stop]]
    theirs = [field for pid in reapers for field in _stat(pid)[_CHILDREN]]
    return sum(map(int, own + theirs)) / _TICKS


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _stat(pid: int) -> list[str]:
    """The fields after the process's name: state, parent, …; none when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def _address_spaces(pids: Iterable[int]) -> list[int]:
    """One process of each address space: a kernel's helpers share its own, and would count it again."""
    distinct: list[int] = []
    for pid in sorted(pids):
        if all(_LIBC.syscall(_KCMP, pid, other, _KCMP_VM, 0, 0) != 0 for other in distinct):
            distinct.append(pid)
    return distinct


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
