"""How much memory and disk a grading takes while it runs: if it leaks, the end is higher than the middle."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tests.leaks import processes
from tests.stress.repeated import Repeated

_EVERY = 3.0
#: By how much the last quarter may be above the second, in parts of it, before it counts as growth.
_SLACK = 1.3


class Gauge(Repeated):
    """Looks every few seconds; ``variable`` is what all processes of the grading inherited."""

    def __init__(self, variable: str, data: Path) -> None:
        super().__init__(lambda: _EVERY)
        self.memory: list[int] = []
        self.disk: list[int] = []
        self._variable = variable
        self._data = data

    def once(self) -> None:
        """Take one sample of each."""
        pids = {int(line.split()[1].rstrip(":")) for line in processes(self._variable)}
        self.memory.append(sum(map(_memory_mb, _with_children(pids))))
        self.disk.append(_disk_mb(self._data))


def quarters(samples: list[int]) -> list[int]:
    """The mean of each quarter of a run."""
    size = max(1, len(samples) // 4)
    parts = [samples[start : start + size] for start in range(0, 4 * size, size)]
    return [sum(part) // len(part) if part else 0 for part in parts]


def is_flat(samples: list[int]) -> bool:
    """Whether the end is no higher than the middle; the beginning is lower in any case."""
    _, second, _, last = quarters(samples)
    return last <= _SLACK * second


def _with_children(pids: set[int]) -> set[int]:
    """A machine's kernel has no variable of ours, but a parent that has."""
    parents = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended while we looked
            parents[int(file.parent.name)] = int(file.read_text(errors="replace").rpartition(")")[2].split()[1])
    processes = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in processes} - processes:
        processes |= more
    return processes


def _memory_mb(pid: int) -> int:
    """Its share of memory; what several share counts once."""
    try:
        match = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(match[1]) >> 10 if match else 0


def _disk_mb(folder: Path) -> int:
    """What really lies on the disk: machines' disks are files with holes."""
    used = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            used += path.lstat().st_blocks * 512
    return used >> 20
