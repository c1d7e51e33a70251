"""How much this computer, or the container we are in, can take on at once."""

from __future__ import annotations

import math
import os
from pathlib import Path

from drydock.machine.host import memory

#: What a machine may come to take.
MACHINE_MB = memory.DEFAULT_MB
#: A submission waits a third of its time: for a container to start again, or to go on running for seconds. With two
#: workers for each CPU as many are graded in a minute, and they take more memory.
WORKERS_PER_CPU = 1.5

_GROUP = Path("/sys/fs/cgroup")


def affordable(machines: int = 1) -> int:
    """Return how many workers there are CPUs and free memory for, at least one.

    A submission works on so many ``machines``, and the next one's boots meanwhile.
    """
    fitting = memory.available().available_mb // ((machines + 1) * MACHINE_MB)
    return max(1, min(math.ceil(WORKERS_PER_CPU * _cpus()), fitting))


def _cpus() -> int:
    """Those we may run on, as far as a container's quota lets us."""
    allowed = len(os.sched_getaffinity(0))
    try:
        quota, _, period = (_GROUP / "cpu.max").read_text().partition(" ")
    except OSError:
        return allowed
    return min(allowed, max(1, int(quota) // int(period))) if quota.isdigit() else allowed
