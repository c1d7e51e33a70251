"""What the kernel enforces on the first process of a container, seen from outside of it.

It confirms what `docker inspect` shows: the limits of the process's cgroup, the capabilities that it can ever have, and
whether a file can be created in its root file system.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from docker.models.containers import Container

from autograder.checks.context import CheckContext

#: Prints a line for each number: process, what it is, value. A file that is created is removed at once.
_SCRIPT = """
for pid in {pids}; do
    group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/$pid/cgroup)
    echo $pid memory $(cat $group/memory.max)
    echo $pid processes $(cat $group/pids.max)
    echo $pid capabilities $((0x$(awk '/^CapBnd:/ {{ print $2 }}' /proc/$pid/status)))
    file=/proc/$pid/root/{word}
    if touch $file; then rm $file; echo $pid writable 1; fi
done 2> /dev/null
"""
#: The capability to administer the system, which only privileged containers have.
_SYS_ADMIN = 1 << 21
_NO_LIMIT = "max"


@dataclass(frozen=True)
class ProcessLimits:
    """Limits of memory in bytes and of processes, 0 for none, and None where this computer has no cgroup v2."""

    memory: int | None
    processes: int | None
    administrator: bool
    writable: bool


def process_limits(context: CheckContext, containers: Iterable[Container]) -> dict[str, ProcessLimits]:
    """Return what is enforced on each of the running containers, by their ids; it is looked up once."""
    pids = {str(container.id): str(container.attrs["State"].get("Pid") or 0) for container in containers}
    known: dict[str, ProcessLimits] | None = context.noted.get(f"process limits {sorted(pids.items())}")
    if known is not None:
        return known
    script = _SCRIPT.format(pids=" ".join(pids.values()), word=context.word("writable"))
    _, output = context.run(script, pid_mode="host", cgroupns="host", cap_add=["SYS_PTRACE"])
    rows = [line.split() for line in output.splitlines()]
    facts = {(row[0], row[1]): row[2] for row in rows if len(row) == 3}
    enforced = {
        container: ProcessLimits(
            _limit(facts.get((pid, "memory"))),
            _limit(facts.get((pid, "processes"))),
            bool(int(facts.get((pid, "capabilities"), "0")) & _SYS_ADMIN),
            (pid, "writable") in facts,
        )
        for container, pid in pids.items()
    }
    context.noted[f"process limits {sorted(pids.items())}"] = enforced
    return enforced


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    return 0 if text == _NO_LIMIT else int(text)
