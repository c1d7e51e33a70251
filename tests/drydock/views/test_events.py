"""Update triggers of live views."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.views.events import Events, Interval
from tests.drydock.views.parts import view_threads
from tests.machines import BUSYBOX, MINE


def test_interval_until_closed() -> None:
    """Waiting ends at each interval with True, and at once with False when the trigger is closed."""
    interval = Interval(0.01)
    assert interval.wait()
    assert interval.wait()
    long_interval = Interval(3600)
    results: list[bool] = []
    waiting = threading.Thread(target=lambda: results.append(long_interval.wait()))
    waiting.start()
    long_interval.close()
    waiting.join(timeout=10)
    assert results == [False]


@pytest.fixture
def events(client: docker.DockerClient) -> Iterator[Events]:
    """A trigger that is connected to the daemon: its first update has come."""
    with closing(Events(client)) as events:
        assert events.wait()
        yield events
    wait_for(lambda: view_threads() == [], "its thread to end", seconds=60)


def record_updates(events: Events, times: list[float]) -> None:
    """Record the time of each update until the trigger is closed."""
    while events.wait():
        times.append(time.monotonic())


@pytest.mark.live
def test_burst_of_events_is_one_update(client: docker.DockerClient, events: Events) -> None:
    """A started container causes few updates, and ``docker exec`` and ``docker top`` cause none."""
    times: list[float] = []
    waiting = threading.Thread(target=record_updates, args=(events, times))
    waiting.start()
    container = client.containers.run(BUSYBOX, "sleep 600", detach=True, labels=MINE)
    wait_for(lambda: times, "an update", seconds=60)
    wait_for(lambda: time.monotonic() > times[-1] + 1.0, "quiet", seconds=60)
    before = len(times)
    container.exec_run("true")
    container.top()
    ended = time.monotonic()
    wait_for(lambda: time.monotonic() > ended + 1.0, "their events", seconds=60)
    assert len(times) == before
    container.kill()
    wait_for(lambda: len(times) > before, "an update at its end", seconds=60)
    events.close()
    waiting.join(timeout=10)
    assert before <= 3
    assert not waiting.is_alive()


@pytest.mark.live
def test_closing_ends_the_thread(client: docker.DockerClient) -> None:
    """A closed trigger's thread ends and nothing waits any more, whether it was connected yet or not."""
    for _ in range(5):
        events = Events(client)
        events.close()
        assert not events.wait()
    wait_for(lambda: view_threads() == [], "the threads to end", seconds=60)
