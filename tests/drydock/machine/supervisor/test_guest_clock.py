"""The guest's clock after this computer's clock has jumped, and after the machine stood still."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.ssh import ssh_command
from drydock.machine.supervisor import guest_clock


async def _times_set(offsets: Iterator[float], failures: int = 0) -> int:
    """Return how often the clock was set, a failure included, while the offset had these values."""
    calls = 0

    async def set_clock() -> None:
        nonlocal calls
        calls += 1
        if calls <= failures:
            raise TimeoutError

    def read() -> float:
        value = next(offsets, None)
        if value is None:
            raise EOFError
        return value

    with pytest.raises(EOFError):
        await guest_clock.follow(set_clock, read=read, every=0)
    return calls


def test_a_jump_sets_the_clock_once() -> None:
    """After a suspend of an hour the clock is set once; a step that is too small to matter is left alone."""
    assert asyncio.run(_times_set(chain([100.0, 100.4], repeat(3700.0, 5)))) == 1
    assert asyncio.run(_times_set(repeat(100.0, 5))) == 0


def test_a_guest_that_does_not_answer_is_asked_again() -> None:
    """The clock is set until the guest has done it."""
    assert asyncio.run(_times_set(chain([100.0], repeat(3700.0, 5)), failures=2)) == 3


def test_the_offset_does_not_change_by_itself() -> None:
    """Where no clock jumps, two readings are the same."""
    assert abs(guest_clock.offset() - guest_clock.offset()) < 0.5


def _seconds_off(machine: Machine) -> float:
    output = subprocess.run(ssh_command(machine, ["date", "+%s"]), capture_output=True, check=True)
    return int(output.stdout) - time.time()


@pytest.mark.live
def test_a_wrong_clock_is_set(machine: Machine) -> None:
    """A guest whose clock is an hour behind, as after a suspend, has the right time after the supervisor's request."""
    behind = str(int(time.time()) - 3600)
    subprocess.run(ssh_command(machine, ["date", "-s", f"@{behind}"]), capture_output=True, check=True)
    assert _seconds_off(machine) < -3000
    machine.ask("clock")
    assert abs(_seconds_off(machine)) < 3


@pytest.mark.live
@pytest.mark.nightly
def test_the_clock_after_the_machine_stood_still(machine: Machine) -> None:
    """A machine that was stopped by SIGSTOP for 20 s has the right time when it goes on."""
    kernel = int(machine.instance.state()["kernel_pid"])
    os.kill(kernel, signal.SIGSTOP)
    try:
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > 20, "20 s to pass", seconds=30, every=1)
    finally:
        os.kill(kernel, signal.SIGCONT)
    assert abs(_seconds_off(machine)) < 3
