"""The CPU that a machine is pinned to: with files as the kernel of a computer with several CPUs writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock.machine.supervisor import cpu_affinity

_STAT = """cpu  700 0 600 4000 50 0 0 0 0 0
cpu0 400 0 300 1000 50 0 0 0 0 0
cpu1 300 0 300 3000 0 0 0 0 0 0
intr 12 0
"""


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A folder with the kernel's file about its CPUs, and no process."""
    (tmp_path / "stat").write_text(_STAT)
    return tmp_path


def add_process(proc: Path, pid: int, cpus: str, name: str = "slirp4netns") -> None:
    """Add the files of a process that may use these CPUs."""
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "comm").write_text(f"{name}\n")
    (folder / "status").write_text(f"Name:\t{name}\nCpus_allowed:\t3\nCpus_allowed_list:\t{cpus}\nThreads:\t1\n")


def chosen(proc: Path, **shares: float) -> set[int]:
    """Return the CPUs that are chosen in many attempts, when the named CPUs are busy for these shares of the time."""
    busy = {int(name.removeprefix("cpu")): share for name, share in shares.items()}
    return {cpu_affinity.least_used(set(busy), shares=lambda: busy, proc=proc) for _ in range(64)}


def test_idle_time_of_each_cpu(proc: Path) -> None:
    """The time is in seconds, with the time of waiting for a disk, and the line about all CPUs does not count."""
    ticks = os.sysconf("SC_CLK_TCK")
    assert cpu_affinity.idle_seconds(proc) == {0: 1050 / ticks, 1: 3000 / ticks}


def test_machines_are_counted(proc: Path) -> None:
    """Network helpers of any user that are pinned to one CPU count; other programs, and helpers of others, do not."""
    add_process(proc, 10, "1")
    add_process(proc, 11, "1")
    add_process(proc, 12, "0-1")
    add_process(proc, 13, "0", "python3")
    (proc / "14").mkdir()
    (proc / "14" / "comm").write_text("slirp4netns\n")  # it has ended: its other file is gone
    assert cpu_affinity.machine_counts(proc) == {1: 2}


def test_a_busy_cpu_comes_last(proc: Path) -> None:
    """A CPU that others keep busy is not chosen, though an idle machine is pinned to the other one."""
    add_process(proc, 10, "0")
    assert chosen(proc, cpu0=0.1, cpu1=0.9) == {0}
    assert chosen(proc, cpu0=0.9, cpu1=0.9) == {1}


def test_machines_spread(proc: Path) -> None:
    """Of CPUs that are not busy, the one with fewer machines is chosen, then the one that does less."""
    add_process(proc, 10, "0")
    assert chosen(proc, cpu0=0.0, cpu1=0.3) == {1}
    add_process(proc, 11, "1")
    assert chosen(proc, cpu0=0.3, cpu1=0.0) == {1}


def test_of_equal_cpus_any_is_chosen(proc: Path) -> None:
    """Not every user's first machine is on the first CPU."""
    assert chosen(proc, cpu0=0.01, cpu1=0.0) == {0, 1}


def test_on_this_computer() -> None:
    """An allowed CPU is returned; shares are between 0 and 1, but for the kernel's steps of 0.01 s."""
    assert cpu_affinity.least_used() in os.sched_getaffinity(0)
    assert all(-0.5 < share < 1.5 for share in cpu_affinity.busy_shares().values())
    assert cpu_affinity.least_used({1}) == 1


def test_a_process_with_an_odd_name_is_no_machine(proc: Path) -> None:
    """The name of a process, which any user may choose, need not be UTF-8."""
    add_process(proc, 10, "1")
    (proc / "11").mkdir()
    (proc / "11" / "comm").write_bytes(b"\xff\n")
    assert cpu_affinity.machine_counts(proc) == {1: 1}
