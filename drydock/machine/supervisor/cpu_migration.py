"""Moves a running machine to another CPU after other processes have kept its own busy for long.

A machine's processes are pinned to one CPU, so the kernel of this computer can't move them: two machines that begin to
work at the same time on one CPU would have half of it each, with another one idle.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.machine.host import process_usage
from drydock.machine.supervisor import cpu_affinity

#: The time over which a CPU must be overloaded; a few seconds of work are no reason to move.
_LONG_SECONDS = 20.0
#: The time in which it must still be overloaded, because another machine may have moved a moment ago.
_SHORT_SECONDS = 2.0
#: A CPU is overloaded when less than this share of it is idle; a machine that gets more than the second share of it is
#: left there; and it moves to a CPU of which at least the third share is idle.
_OVERLOADED_IDLE, _ENOUGH, _TARGET_IDLE = 0.1, 0.6, 0.3
#: Processes that are forked meanwhile inherit the old CPU, so all are pinned again until there is no such process.
_ROUNDS = 10


@dataclass(frozen=True)
class Reading:
    """The machine's CPU, and seconds since some start: the time, each CPU's idle time, the machine's CPU time."""

    cpu: int
    at: float
    idle: dict[int, float]
    used: float


def read(supervisor: int) -> Reading:
    """Read the present state of the machine whose supervisor has this process id."""
    processes = process_usage.process_tree(supervisor) - {supervisor}
    cpus = [cpu for pid in processes for cpu in _allowed(pid)]
    allowed = os.sched_getaffinity(supervisor)
    idle = {cpu: seconds for cpu, seconds in cpu_affinity.idle_seconds().items() if cpu in allowed}
    cpu = max(set(cpus), key=cpus.count, default=min(allowed))
    return Reading(cpu, time.monotonic(), idle, process_usage.cpu_seconds(processes))


def better_cpu(before: Reading, after: Reading) -> int | None:
    """Return the CPU that the machine should move to; None while its own is not overloaded, or no other is idle."""
    passed = after.at - before.at
    idle = {cpu: (after.idle[cpu] - before.idle[cpu]) / passed for cpu in after.idle.keys() & before.idle.keys()}
    own, used = idle.pop(after.cpu, 1.0), (after.used - before.used) / passed
    if own > _OVERLOADED_IDLE or used > _ENOUGH or not idle:
        return None
    target = max(idle, key=lambda cpu: idle[cpu])
    return target if idle[target] >= _TARGET_IDLE else None


def move(supervisor: int, cpu: int) -> None:
    """Pin all processes of a machine, with their threads, to another CPU; the supervisor itself is not pinned."""
    for _ in range(_ROUNDS):
        elsewhere = [pid for pid in process_usage.process_tree(supervisor) - {supervisor} if _allowed(pid) - {cpu}]
        if not elsewhere:
            return
        for thread in [int(task.name) for pid in elsewhere for task in Path(f"/proc/{pid}/task").glob("*")]:
            with suppress(OSError):  # it has ended, or the CPU was taken away
                os.sched_setaffinity(thread, {cpu})


async def follow(
    moved: Callable[[int], None],
    *,
    long: float = _LONG_SECONDS,
    short: float = _SHORT_SECONDS,
    read: Callable[[int], Reading] = read,
    move: Callable[[int, int], None] = move,
) -> None:
    """Move this process's machine whenever that is due, and call ``moved`` with the new CPU; runs until cancelled."""
    supervisor = os.getpid()

    async def target_after(seconds: float) -> int | None:
        before = read(supervisor)
        await asyncio.sleep(seconds)
        return better_cpu(before, read(supervisor))

    while True:
        # At different times: of two machines on one CPU only the first should move.
        if await target_after(long * random.uniform(0.75, 1.25)) is None:
            continue
        target = await target_after(short)
        if target is not None:
            move(supervisor, target)
            moved(target)


def _allowed(pid: int) -> set[int]:
    """Return the CPUs that a process may use; none when it has ended."""
    try:
        return os.sched_getaffinity(pid)
    except ProcessLookupError:
        return set()
