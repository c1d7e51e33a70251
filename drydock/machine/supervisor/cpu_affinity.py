"""The CPU that a machine is pinned to, chosen at its start by what this computer's CPUs do at that moment.

Machines of all users count: their load is in the idle time of each CPU, and their network helpers, which are pinned to
the machine's CPU, are visible processes. In a container this computer's CPUs are visible, but not those processes.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

#: The time over which the CPUs are measured. The kernel reports their idle time in steps of 0.01 s.
_SAMPLE_SECONDS = 0.05
#: From this share on, a CPU is busy: any CPU that is not comes first, however many machines are pinned to it.
_BUSY_SHARE = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
_HELPER = b"slirp4netns\n"
_PROC = Path("/proc")


def least_used(
    allowed: set[int] | None = None, *, shares: Callable[[], dict[int, float]] | None = None, proc: Path = _PROC
) -> int:
    """Return the allowed CPU that does least: not busy, then with the fewest machines, then with the least load.

    Of equal CPUs any is returned, so that machines which can't see each other spread, too.
    """
    allowed = os.sched_getaffinity(0) if allowed is None else allowed
    if len(allowed) == 1:
        return min(allowed)
    busy, machines = (shares or busy_shares)(), machine_counts(proc)

    def use(cpu: int) -> tuple[bool, int, float, float]:
        share = busy.get(cpu, 0.0)
        return share >= _BUSY_SHARE, machines[cpu], round(share, 1), random.random()

    return min(allowed, key=use)


def busy_shares(seconds: float = _SAMPLE_SECONDS) -> dict[int, float]:
    """Measure the share of time, 0 to 1, in which each CPU is busy."""
    before, began = idle_seconds(), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    return {cpu: 1 - (idle - before.get(cpu, 0.0)) / passed for cpu, idle in idle_seconds().items()}


def idle_seconds(proc: Path = _PROC) -> dict[int, float]:
    """Return for how long each CPU has been idle since the computer's start; waiting for a disk is idle, too."""
    idle = {}
    for line in (proc / "stat").read_text().splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name != "cpu":
            idle[int(name.removeprefix("cpu"))] = (int(fields[3]) + int(fields[4])) / _TICKS
    return idle


def machine_counts(proc: Path = _PROC) -> Counter[int]:
    """Return how many machines are pinned to each CPU: each has one network helper, which is pinned to it."""
    counts: Counter[int] = Counter()
    for comm in proc.glob("[0-9]*/comm"):
        with suppress(OSError):  # the process has ended in the meantime
            if comm.read_bytes() == _HELPER:  # a name need not be UTF-8
                counts.update(_pinned_to(comm.parent))
    return counts


def _pinned_to(process: Path) -> list[int]:
    """Return the only CPU that a process may use; none when it may use more."""
    status = (process / "status").read_text()
    allowed = status.partition("Cpus_allowed_list:")[2].split(maxsplit=1)[0]
    return [int(allowed)] if allowed.isdigit() else []
