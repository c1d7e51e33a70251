"""How much this computer, or the container we are in, can take on at once."""

from __future__ import annotations

import os
from pathlib import Path

from drydock.machine.host import memory

#: What a machine may come to take.
MACHINE_MB = memory.DEFAULT_MB
#: A submission waits more than a third of its time: for a container to start again, or to go on running for seconds.
WORKERS_PER_CPU = 2

_GROUP = Path("/sys/fs/cgroup")


def affordable(machines: int = 1) -> int:
    """Return how many workers there are CPUs and free memory for, at least one.

    A submission works on so many ``machines``, and the next one's boots meanwhile.
    """
    return max(1, min(WORKERS_PER_CPU * _cpus(), memory.available().available_mb // ((machines + 1) * MACHINE_MB)))


def _cpus() -> int:
    """Those we may run on, as far as a container's quota lets us."""
    allowed = len(os.sched_getaffinity(0))
    try:
        quota, _, period = (_GROUP / "cpu.max").read_text().partition(" ")
    except OSError:
        return allowed
    return min(allowed, max(1, int(quota) // int(period))) if quota.isdigit() else allowed
