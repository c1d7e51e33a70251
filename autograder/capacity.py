"""How much this computer, or the container we are in, can take on at once."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: What a machine may come to take.
MACHINE_MB = 1024


def affordable(machines: int = 1, proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """How many workers there are CPUs and free memory for, at least one.

    A submission works on so many ``machines``, and the next one's boots meanwhile.
    """
    return max(1, min(_cpus(cgroup), _free_mb(proc, cgroup) // ((machines + 1) * MACHINE_MB)))


def _cpus(cgroup: Path) -> int:
    """Those we may run on, as far as a container's quota lets us."""
    allowed = len(os.sched_getaffinity(0))
    quota, _, period = _text(cgroup / "cpu.max").partition(" ")
    return min(allowed, max(1, int(quota) // int(period))) if quota.isdigit() else allowed


def _free_mb(proc: Path, cgroup: Path) -> int:
    """What the system could give us, as far as a container's limit lets it."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _text(proc / "meminfo"), re.MULTILINE)
    free = int(found[1]) << 10 if found else 0
    limit = _text(cgroup / "memory.max")
    if limit.isdigit():
        free = min(free, int(limit) - int(_text(cgroup / "memory.current") or 0))
    return free >> 20


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
