"""The memory that a machine gets: what was requested, the default, or what is available on this computer.

This is checked before a machine boots: if a machine outgrows its cgroup, the kernel kills it in the middle of its work
or stalls it, without a message. Memory that the kernel can reclaim, such as the page cache, counts as available.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drydock.errors import NoMemory

#: The memory of a machine by default, and the smallest that works; MB.
DEFAULT_MB, MINIMUM_MB = 1024, 256
#: What a machine's supervisor and network helper use besides the machine's own memory; MB.
OVERHEAD_MB = 64
#: What must be available for the smallest machine; MB. Its memory is then a file on a disk, and the kernel reclaims
#: what it needs. With 150 MB in all it boots in 20 s instead of 4; with 100 MB it does not boot.
MINIMUM_AVAILABLE_MB = 160

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class AvailableMemory:
    """The available memory in MB, and the reason: a sentence about the computer or the cgroup that limits it."""

    available_mb: int
    reason: str


@dataclass(frozen=True)
class _CgroupVersion:
    """Where one version of cgroups has the limit, the usage, and (in memory.stat) the part that is reclaimable."""

    folder: str
    controller: str
    limit: str
    usage: str
    reclaimable: tuple[str, str]


_VERSIONS = (
    _CgroupVersion("", "", "memory.max", "memory.current", ("inactive_file", "active_file")),
    _CgroupVersion(
        "memory",
        "memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        ("total_inactive_file", "total_active_file"),
    ),
)


def choose_mb(requested: int | None) -> int:
    """Return a machine's memory in MB: exactly ``requested`` or, for None, the default or as much as is available.

    Raises :class:`~drydock.errors.NoMemory` when the requested memory, or for None the minimum, is not available.
    """
    memory = available()
    enough = memory.available_mb >= MINIMUM_AVAILABLE_MB
    largest = max(memory.available_mb - OVERHEAD_MB, MINIMUM_MB) if enough else 0
    if largest >= (requested or DEFAULT_MB):
        return requested or DEFAULT_MB
    if requested is None and largest:
        return largest
    needed = requested + OVERHEAD_MB if requested else MINIMUM_AVAILABLE_MB
    raise NoMemory(needed, memory.available_mb, memory.reason, largest)


def available() -> AvailableMemory:
    """Return the smallest limit among the host and all enclosing cgroups."""
    return min([_host(), *_cgroups()], key=lambda memory: memory.available_mb)


def _host() -> AvailableMemory:
    meminfo = _read_numbers(_PROC / "meminfo")
    total, free = meminfo["MemTotal:"] >> 10, meminfo["MemAvailable:"] >> 10
    return AvailableMemory(free, f"This computer has {total} MB, of which {free} MB are available.")


def _cgroups() -> Iterator[AvailableMemory]:
    """Yield what each cgroup of this process leaves; the limits of all enclosing cgroups apply as well."""
    for line in (_PROC / "self" / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for version in _VERSIONS:
            if version.controller in controllers.split(","):
                root = _CGROUPS / version.folder
                # In a container, the path may be the host's, of which only the root is visible.
                own = root / path.lstrip("/")
                enclosing = [folder for folder in own.parents if folder == root or root in folder.parents]
                for folder in dict.fromkeys([own, *enclosing]):
                    yield from _limit(folder, version)


def _limit(folder: Path, version: _CgroupVersion) -> Iterator[AvailableMemory]:
    try:
        limit = (folder / version.limit).read_text().strip()
        usage, stat = int((folder / version.usage).read_text()), _read_numbers(folder / "memory.stat")
    except OSError:  # the cgroup is not visible here, or has no memory controller
        return
    if limit != "max":
        limit_mb = int(limit) >> 20
        used_mb = max(usage - sum(stat.get(name, 0) for name in version.reclaimable), 0) >> 20
        reason = f"The cgroup's limit is {limit_mb} MB, of which {used_mb} MB are in use."
        yield AvailableMemory(max(limit_mb - used_mb, 0), reason)


def _read_numbers(file: Path) -> dict[str, int]:
    """Return the numbers in a file whose lines are a name and a number."""
    rows = (line.split() for line in file.read_text().splitlines())
    return {fields[0]: int(fields[1]) for fields in rows if len(fields) > 1}
