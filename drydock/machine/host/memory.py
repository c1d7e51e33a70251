"""How much memory a machine gets: what was asked for, or the usual, or as much of that as is left here.

Asked before anything boots: a machine that outgrows its control group is killed by the system in the midst of its
work, or stalls, and nobody tells why. What the system can take back, such as files it has read, counts as left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drydock.errors import NoMemory

#: What a machine gets where there is enough, and the least it can do with; MB.
USUAL_MB, LEAST_MB = 1024, 256
#: What stands beside a machine's own memory: its supervisor and its network; MB.
BESIDE_MB = 64
#: What must be left for the least machine: its memory lies on a disk then, and the system takes back what it needs.
#: With 150 MB in all it boots in 20 s instead of 4, with 100 it doesn't; MB.
TIGHT_MB = 160

_PROC = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Room:
    """The memory that is left, in MB, and who says so: this computer, or the control group of this process."""

    left_mb: int
    who: str


@dataclass(frozen=True)
class _Edition:
    """The files in which one edition of control groups keeps a limit, what is taken, and what could be taken back."""

    folder: str
    controller: str
    limit: str
    taken: str
    files: tuple[str, str]


_EDITIONS = (
    _Edition("", "", "memory.max", "memory.current", ("inactive_file", "active_file")),
    _Edition(
        "memory",
        "memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        ("total_inactive_file", "total_active_file"),
    ),
)


def fitting(wish: int | None) -> int:
    """The MB for a machine of which so many were wished, or the usual; :class:`NoMemory` where they can't be had.

    A wish is kept or refused; only where nobody said a word is less given, down to the least.
    """
    room = left()
    most = max(room.left_mb - BESIDE_MB, LEAST_MB) if room.left_mb >= TIGHT_MB else 0
    if most >= (wish or USUAL_MB):
        return wish or USUAL_MB
    if wish is None and most:
        return most
    raise NoMemory(wish + BESIDE_MB if wish else TIGHT_MB, room.left_mb, room.who, most)


def left() -> Room:
    """The least that any of those leaves who have a say; without a limit, what this computer has available."""
    return min([_computer(), *_limits()], key=lambda room: room.left_mb)


def _computer() -> Room:
    facts = _facts(_PROC / "meminfo")
    total, free = facts["MemTotal:"] >> 10, facts["MemAvailable:"] >> 10
    return Room(free, f"this computer has {total} MB, of which {free} are available")


def _limits() -> Iterator[Room]:
    """What each group that this process is in leaves: the limits of those above hold as well."""
    for line in (_PROC / "self" / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for edition in _EDITIONS:
            if edition.controller in controllers.split(","):
                top = _GROUPS / edition.folder
                # In a container the path may be the host's, of which only the top is to be seen.
                ours = top / path.lstrip("/")
                above = [group for group in ours.parents if group == top or top in group.parents]
                for group in dict.fromkeys([ours, *above]):
                    yield from _limit(group, edition)


def _limit(group: Path, edition: _Edition) -> Iterator[Room]:
    try:
        limit = (group / edition.limit).read_text().strip()
        taken, facts = int((group / edition.taken).read_text()), _facts(group / "memory.stat")
    except OSError:  # no such group here, or one without this controller
        return
    if limit != "max":
        most = int(limit) >> 20
        kept = max(taken - sum(facts.get(name, 0) for name in edition.files), 0) >> 20
        yield Room(max(most - kept, 0), f"this process and its like may take {most} MB together, and have taken {kept}")


def _facts(file: Path) -> dict[str, int]:
    """The numbers of a file with a name and a number on each line."""
    return {words[0]: int(words[1]) for line in file.read_text().splitlines() if len(words := line.split()) > 1}
