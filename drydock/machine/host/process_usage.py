"""Resident memory and CPU time of processes: a process with all its descendants, or those of a Docker daemon."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None)
#: kcmp(2) on x86-64, used to ask whether two processes share their memory.
_KCMP, _KCMP_VM = 312, 1
_TICKS = os.sysconf("SC_CLK_TCK")
#: The fields with CPU times in /proc/PID/stat, after the name: user and system, of the process and its reaped children.
_OWN, _CHILDREN = slice(11, 13), slice(13, 15)


def process_tree(root: int) -> set[int]:
    """Return the ids of a process and all its descendants."""
    parents = {pid: int(fields[1]) for pid in _processes() if (fields := _stat(pid))}
    tree, size = {root}, 0
    while len(tree) != size:
        size = len(tree)
        tree |= {pid for pid, parent in parents.items() if parent in tree}
    return tree


def daemon_processes(file: str) -> set[int]:
    """Return the process ids of the Docker daemon that listens at a Unix socket; none when they are not visible.

    A container's shim is no descendant of the daemon, so the shims and containerd are found by their names.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(file)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    dockerd = int(struct.unpack("3i", credentials)[0])
    if dockerd == 0:  # it runs in another PID namespace
        return set()
    containerd = {pid for pid in _processes() if _name(pid).startswith("containerd")}
    return process_tree(dockerd).union(*(process_tree(pid) for pid in containerd))


def resident_mb(pids: Iterable[int]) -> float:
    """Return the proportional set size in MB, in which shared pages are counted once; 0 when we may not read it."""
    return round(sum(map(_pss, _address_spaces(pids))) / 1024, 1)


def cpu_seconds(pids: Iterable[int], reapers: Iterable[int] = ()) -> float:
    """Return the CPU time that processes and their reaped children have used until now.

    Of ``reapers``, only the children count: process 1 reaps a daemon's shims.
    """
    own = [field for pid in pids for field in _stat(pid)[_OWN.start : _CHILDREN.stop]]
    children = [field for pid in reapers for field in _stat(pid)[_CHILDREN]]
    return sum(map(int, own + children)) / _TICKS


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name: state, parent, …; none when the process has ended."""
    try:
        # A process's name need not be UTF-8.
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace")
    except OSError:
        return ""


def _address_spaces(pids: Iterable[int]) -> list[int]:
    """Return one process of each address space: a kernel's helper processes share its memory."""
    distinct: list[int] = []
    for pid in sorted(pids):
        if all(_LIBC.syscall(_KCMP, pid, other, _KCMP_VM, 0, 0) != 0 for other in distinct):
            distinct.append(pid)
    return distinct


def _pss(pid: int) -> int:
    """Return a process's proportional set size in KB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
