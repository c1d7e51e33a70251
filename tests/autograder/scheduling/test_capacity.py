"""How much fits on a computer; how memory is counted, the tests of ``drydock.machine.host.memory`` say."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from autograder.scheduling import capacity
from autograder.scheduling.capacity import MACHINE_MB, WORKERS_PER_CPU, affordable
from drydock.machine.host import memory
from drydock.machine.host.memory import AvailableMemory

MOST = math.ceil(WORKERS_PER_CPU * len(os.sched_getaffinity(0)))
PLENTY = 128 * MACHINE_MB


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A container's limits, of which there are none yet."""
    monkeypatch.setattr(capacity, "_GROUP", tmp_path)
    return tmp_path


def has(monkeypatch: pytest.MonkeyPatch, available_mb: int) -> None:
    """So much memory is left."""
    monkeypatch.setattr(memory, "available", lambda: AvailableMemory(available_mb, "Set by this test."))


@pytest.mark.parametrize(
    ("available_mb", "quota", "workers"),
    [
        (PLENTY, "", MOST),
        (PLENTY, "max 100000", MOST),
        (PLENTY, "100000 100000", 2),
        (PLENTY, "50000 100000", 2),
        (3 * MACHINE_MB + 1, "", 1),
        (0, "", 1),
    ],
)
def test_as_many_as_cpus_and_memory_allow(
    group: Path, monkeypatch: pytest.MonkeyPatch, available_mb: int, quota: str, workers: int
) -> None:
    """Of the computer or of the container, whichever is less; and never none."""
    has(monkeypatch, available_mb)
    if quota:
        (group / "cpu.max").write_text(quota + "\n")
    assert affordable() == workers


def test_work_that_travels_takes_more(group: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two workers of an ordinary assignment fit, one fits whose work goes to a second machine."""
    has(monkeypatch, 4 * MACHINE_MB + 1)
    assert (affordable(1), affordable(2)) == (2, 1)


def test_this_computer_takes_at_least_one() -> None:
    """And no more than three for two CPUs."""
    assert 1 <= affordable() <= MOST
