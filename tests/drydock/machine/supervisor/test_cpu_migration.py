"""A machine's move to another CPU: when it is due, and that all processes move."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from statistics import median

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from drydock.machine import Machine
from drydock.machine.host import process_usage
from drydock.machine.supervisor import cpu_affinity, cpu_migration
from drydock.machine.supervisor.cpu_migration import Reading
from tests.machines import BUSYBOX, MINE

CPUS = sorted(os.sched_getaffinity(0))
SEVERAL = pytest.mark.skipif(len(CPUS) < 2, reason="this computer has one CPU")
#: A program that starts another one, prints a line, and runs until its standard input is closed.
_WITH_CHILD = "import subprocess, sys; c = subprocess.Popen(['cat']); print('started', flush=True); sys.stdin.read()"
#: The machine moves after some 20 s; the rest allows for a busy computer, on which no other CPU may be idle for long.
_MOVE_SECONDS = 240


def readings(idle: dict[int, float], used: float, *, cpu: int = 0) -> tuple[Reading, Reading]:
    """Return two readings, 10 s apart, between which the CPUs were idle and the machine worked for these shares."""
    after = {number: 100 + 10 * share for number, share in idle.items()}
    return Reading(cpu, 5, dict.fromkeys(idle, 100.0), 50), Reading(cpu, 15, after, 50 + 10 * used)


@pytest.mark.parametrize(
    ("idle", "used", "target"),
    [
        ({0: 0.0, 1: 0.9, 2: 0.5}, 0.5, 1),
        ({0: 0.05, 1: 0.1, 2: 0.4}, 0.0, 2),
        ({0: 0.0, 1: 0.9}, 0.95, None),
        ({0: 0.4, 1: 0.9}, 0.3, None),
        ({0: 0.0, 1: 0.1}, 0.3, None),
        ({0: 0.0}, 0.3, None),
    ],
    ids=["shared", "idle machine", "has it alone", "not overloaded", "all are busy", "one CPU"],
)
def test_when_a_move_is_due(idle: dict[int, float], used: float, target: int | None) -> None:
    """It moves to the idlest CPU if its own has no time left, others have much of it, and the other CPU is idle."""
    assert cpu_migration.better_cpu(*readings(idle, used)) == target


def moves(sequence: Iterator[Reading]) -> list[int]:
    """Return the CPUs that a machine moves to while its state has these values."""
    moved: list[int] = []

    def read(supervisor: int) -> Reading:
        value = next(sequence, None)
        if value is None:
            raise EOFError
        return value

    with suppress(EOFError):
        asyncio.run(cpu_migration.follow(moved.append, long=0, short=0, read=read, move=lambda supervisor, cpu: None))
    return moved


def test_it_moves_when_the_overload_lasts() -> None:
    """The CPU must be overloaded over the long time and still in the short one, when another machine may have moved."""
    overloaded, fine = readings({0: 0.0, 1: 0.9}, 0.5), readings({0: 0.3, 1: 0.0}, 0.7)
    assert moves(iter([*overloaded, *overloaded])) == [1]
    assert moves(iter([*overloaded, *fine, *fine])) == []
    assert moves(iter([*fine, *overloaded])) == []


@SEVERAL
def test_all_processes_move() -> None:
    """A process's descendants are pinned to the CPU and the process itself is not; the reading has that CPU."""
    before = os.sched_getaffinity(0)
    program = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_WITH_CHILD!r}])"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        for cpu in CPUS[:2]:
            cpu_migration.move(process.pid, cpu)
            descendants = process_usage.process_tree(process.pid) - {process.pid}
            assert [os.sched_getaffinity(pid) for pid in descendants] == [{cpu}] * 2
            assert cpu_migration.read(process.pid).cpu == cpu
        assert os.sched_getaffinity(process.pid) == before
        process.communicate()


@SEVERAL
@pytest.mark.live
@pytest.mark.nightly
def test_two_machines_under_load() -> None:
    """Two machines that both work, on one CPU at first, are on different CPUs some time later, as their states say."""

    def cpus() -> list[int]:
        return [cpu_migration.read(machine.supervisor_pid()).cpu for machine in machines]

    def moved() -> bool:
        busy.append(min(share for cpu, share in cpu_affinity.busy_shares(1).items() if cpu in CPUS[1:]))
        return len(set(cpus())) == 2

    busy: list[float] = []  # the share of the other CPU that was in use, each second
    with ExitStack() as stack:
        machines = [stack.enter_context(Machine(memory_mb=512)) for _ in range(2)]
        for machine in machines:
            client = stack.enter_context(closing(machine.client()))
            client.containers.run(BUSYBOX, ["sh", "-c", "while true; do true; done"], detach=True, labels=MINE)
            cpu_migration.move(machine.supervisor_pid(), CPUS[0])
        assert cpus() == [CPUS[0]] * 2
        try:
            wait_for(
                moved, "one machine to move to another CPU", seconds=_MOVE_SECONDS, details=lambda: f"busy: {busy}"
            )
        except TimedOut:
            if median(busy) > 1 - cpu_migration._TARGET_IDLE:
                pytest.skip("other programs kept all CPUs busy, so there was none to move to")
            raise
        [(machine, cpu)] = [pair for pair in zip(machines, cpus(), strict=True) if pair[1] != CPUS[0]]
        wait_for(lambda: machine.status().cpu == cpu, "the machine's state to have its CPU", seconds=10)
        processes = process_usage.process_tree(machine.supervisor_pid()) - {machine.supervisor_pid()}
        assert {tuple(cpu_migration._allowed(pid)) for pid in processes} - {()} == {(cpu,)}
