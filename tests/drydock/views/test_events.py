"""When to look again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.views.events import Clock, Events
from tests.drydock.views.parts import threads
from tests.machines import BUSYBOX, MINE


def test_a_clock_tells_until_it_is_closed() -> None:
    """It wakes up who waits at its times; closed, it wakes them up at once, for the last time."""
    clock = Clock(0.01)
    assert clock.wait()
    assert clock.wait()
    slow = Clock(3600)
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(slow.wait()))
    waiting.start()
    slow.close()
    waiting.join(timeout=10)
    assert told == [False]


@pytest.fixture
def events(client: docker.DockerClient) -> Iterator[Events]:
    """The daemon's news, after the first: that it listens."""
    with closing(Events(client)) as events:
        assert events.wait()
        yield events
    wait_for(lambda: threads() == [], "its thread to end", seconds=10)


def wait_times(events: Events, told: list[float]) -> None:
    """Write down when there was news, until there is no more."""
    while events.wait():
        told.append(time.monotonic())


@pytest.mark.live
def test_what_happens_is_told_once(client: docker.DockerClient, events: Events) -> None:
    """Making a container is news; of the command in it, which makes events too but no difference, nothing is told."""
    told: list[float] = []
    waiting = threading.Thread(target=wait_times, args=(events, told))
    waiting.start()
    box = client.containers.run(BUSYBOX, "sleep 600", detach=True, labels=MINE)
    wait_for(lambda: told, "the container to be told", seconds=20)
    wait_for(lambda: time.monotonic() > told[-1] + 1.0, "quiet", seconds=20)
    before = len(told)
    box.exec_run("true")
    box.top()
    box.kill()
    wait_for(lambda: len(told) > before, "its end to be told", seconds=20)
    events.close()
    waiting.join(timeout=10)
    assert before <= 3
    assert not waiting.is_alive()


@pytest.mark.live
def test_closing_hangs_up(client: docker.DockerClient) -> None:
    """Whether it has connected yet or not: closed, its thread ends and nobody waits any more."""
    for _ in range(5):
        events = Events(client)
        events.close()
        assert not events.wait()
    wait_for(lambda: threads() == [], "the threads to end", seconds=10)
