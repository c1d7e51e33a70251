"""How much fits on a computer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.capacity import MACHINE_MB, affordable

CPUS = len(os.sched_getaffinity(0))


def ground(tmp_path: Path, *, free_mb: int, **cgroup: str) -> tuple[Path, Path]:
    """A computer with so much memory, and a container's limits."""
    (tmp_path / "meminfo").write_text(f"MemTotal: 1 kB\nMemFree: 1 kB\nMemAvailable: {free_mb << 10} kB\n")
    for name, value in cgroup.items():
        (tmp_path / name.replace("_", ".")).write_text(value + "\n")
    return tmp_path, tmp_path


@pytest.mark.parametrize(
    ("free_mb", "cgroup", "workers"),
    [
        (128 * MACHINE_MB, {}, CPUS),
        (128 * MACHINE_MB, {"cpu_max": "max 100000", "memory_max": "max"}, CPUS),
        (128 * MACHINE_MB, {"cpu_max": "100000 100000"}, 1),
        (128 * MACHINE_MB, {"cpu_max": "50000 100000"}, 1),
        (3 * MACHINE_MB + 1, {}, 1),
        (0, {}, 1),
        (128 * MACHINE_MB, {"memory_max": str(4 * MACHINE_MB << 20), "memory_current": str(1 << 20)}, 1),
    ],
)
def test_as_many_as_cpus_and_memory_allow(tmp_path: Path, free_mb: int, cgroup: dict[str, str], workers: int) -> None:
    """Of the computer or of the container, whichever is less; and never none."""
    assert affordable(1, *ground(tmp_path, free_mb=free_mb, **cgroup)) == workers


def test_work_that_travels_takes_more(tmp_path: Path) -> None:
    """Where two workers of an ordinary assignment fit, one fits whose work goes to a second machine."""
    there = ground(tmp_path, free_mb=4 * MACHINE_MB + 1)
    assert (affordable(1, *there), affordable(2, *there)) == (min(2, CPUS), 1)


def test_this_computer_takes_at_least_one() -> None:
    """And no more than it has CPUs."""
    assert 1 <= affordable() <= CPUS
