"""Sandboxes that boot ahead."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing
from typing import Self

import pytest

from autograder.sandbox.machine_sandbox import MachineSandbox, Sandbox
from autograder.sandbox.sandbox_pool import SandboxPool
from drydock.core.waiting import wait_for
from drydock.errors import NoMemory, TimedOut
from drydock.machine import Machine
from tests.autograder.sandboxes import BootFails


def test_what_keeps_a_sandbox_from_booting_reaches_who_enters_it() -> None:
    """Whether it was to boot now or ahead."""
    with SandboxPool(BootFails) as warm:
        for _ in range(3):
            with pytest.raises(OSError, match="no memory left"), warm.sandbox(ahead=True):
                pass


def test_the_trouble_of_one_that_nobody_asked_for_is_nobodys() -> None:
    """The end of the class is no error."""
    made: list[Sandbox] = []

    def make() -> Sandbox:
        made.append(BootFails() if made else Empty())
        return made[-1]

    with SandboxPool(make) as warm, warm.sandbox(ahead=True) as sandbox:
        assert len(made) == 1
        sandbox.boot_next()
        wait_for(lambda: len(made) == 2, "the next to boot", seconds=60)


def test_one_that_had_no_room_beside_another_is_tried_again() -> None:
    """With memory for one at a time, the next boots when it is asked for: then the one before has gone."""
    kinds = iter([Empty, NoRoom, Empty])
    made: list[Sandbox] = []

    def make() -> Sandbox:
        made.append(next(kinds)())
        return made[-1]

    with SandboxPool(make) as warm:
        with warm.sandbox(ahead=True) as sandbox:
            sandbox.boot_next()
            wait_for(lambda: len(made) == 2, "the next to be tried", seconds=60)
        with warm.sandbox(ahead=False) as sandbox:
            sandbox.boot_next()
            assert len(made) == 3, "none boots where none follows"


def test_one_that_was_used_stops_behind_its_user_and_before_the_next_boot() -> None:
    """A user waits for no stop, a boot waits for the stop before it, and the end of the pool waits for all of them."""
    events: list[str] = []
    may_stop = threading.Event()

    class Slow(Empty):
        def __enter__(self) -> Self:
            events.append("booted")
            return self

        def __exit__(self, *error: object) -> None:
            assert may_stop.wait(60)
            events.append("stopped")

    with SandboxPool(Slow) as pool:
        with pool.sandbox(ahead=False):
            pass
        assert events == ["booted"]
        threading.Timer(0.2, may_stop.set).start()
        with pool.sandbox(ahead=False):
            assert events == ["booted", "stopped", "booted"]
    assert events == ["booted", "stopped"] * 2


def test_one_that_does_not_stop_costs_nobody_a_verdict(caplog: pytest.LogCaptureFixture) -> None:
    """The trouble is logged, and the next submission gets a sandbox."""

    class Unstoppable(Empty):
        def __exit__(self, *error: object) -> None:
            raise TimedOut("the machine to stop", 40, "")

    with SandboxPool(Unstoppable) as pool:
        for _ in range(2):
            with pool.sandbox(ahead=False):
                pass
    assert caplog.text.count("a sandbox could not be stopped") == 2


def test_one_that_is_not_entered_has_nothing_to_give() -> None:
    """A mistake in our own code is reported as one."""
    with SandboxPool(BootFails) as warm, pytest.raises(RuntimeError, match="not entered"):
        warm.sandbox(ahead=False).client()


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_the_next_one_boots_meanwhile_and_a_dead_one_is_replaced(own_machines: None) -> None:
    """The second machine is there while the first is in use; killed while it waits, it is not used."""
    with SandboxPool(MachineSandbox) as warm:
        with warm.sandbox(ahead=True) as first:
            first.boot_next()
            wait_for(lambda: len(running()) == 2, "the next machine", seconds=60)
            with closing(first.client()) as client:
                assert client.containers.list(all=True) == []
            [waiting] = set(running()) - {name_of(first)}
            os.kill(Machine(waiting).supervisor_pid(), signal.SIGKILL)
            wait_for(lambda: len(running()) == 1, "its end", seconds=60)
        with warm.sandbox(ahead=False) as second, closing(second.client()) as client:
            assert client.ping()
            assert running() == [name_of(second)]
    assert running() == []


class Empty(BootFails):
    """One that is entered, and holds nothing."""

    def __enter__(self) -> Self:
        return self


class NoRoom(BootFails):
    """One for which there is too little memory."""

    def __enter__(self) -> NoRoom:
        raise NoMemory(1088, 900, "this computer has 2000 MB, of which 900 are available", 836)


def running() -> list[str]:
    """The names of the machines that are up."""
    return [machine.name for machine in Machine.all() if machine.is_running() and machine.status().endpoint]


def name_of(sandbox: Sandbox) -> str:
    """The machine in a sandbox: the one whose endpoint its client speaks to."""
    with closing(sandbox.client()) as client:
        address = client.api.base_url.rpartition(":")[2]
    [name] = [name for name in running() if (Machine(name).status().endpoint or "").endswith(f":{address}")]
    return name
