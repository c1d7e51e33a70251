"""A daemon's event stream that is opened again whenever it breaks."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import docker
import pytest

from drydock.core.endpoint import Endpoint
from drydock.core.event_stream import EventStream
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for

Event = dict[str, Any] | None


@pytest.fixture
def label() -> dict[str, str]:
    """The label of the volumes that a test creates, by which its stream filters events."""
    return {LABEL: f"events-{secrets.token_hex(4)}"}


def create_and_remove_volume(host: Endpoint, label: dict[str, str]) -> None:
    """Cause events in the daemon."""
    with closing(host.client()) as client:
        client.volumes.create(labels=label).remove()


def threads(name: str) -> list[str]:
    """Return the running threads of this name."""
    return [thread.name for thread in threading.enumerate() if thread.name == name]


@pytest.mark.host
def test_events_until_closed(host: Endpoint, label: dict[str, str]) -> None:
    """The handler gets None after the connection and then each event, and the thread ends when it is closed."""
    events: list[Event] = []
    stream = EventStream(
        lambda: closing(host.client()), {"type": ["volume"]}, lambda client, event: events.append(event)
    )
    stream.start("test-events")
    try:
        wait_for(lambda: events, "the connection", seconds=60)
        assert events[0] is None
        create_and_remove_volume(host, label)
        wait_for(lambda: "destroy" in [event and event["Action"] for event in events], "the events", seconds=60)
    finally:
        stream.close()
    wait_for(lambda: threads("test-events") == [], "the thread to end", seconds=60)


@pytest.mark.host
def test_connects_again(host: Endpoint, label: dict[str, str]) -> None:
    """A daemon that is away at first, and a connection that breaks, are each followed by another attempt."""
    attempts: list[str] = []
    connections: list[docker.DockerClient] = []
    disconnected = threading.Event()

    @contextmanager
    def connect() -> Iterator[docker.DockerClient]:
        attempts.append("attempt")
        if len(attempts) == 1:
            raise ConnectionRefusedError("the daemon is away")
        with closing(host.client()) as client:
            yield client

    def handle(client: docker.DockerClient, event: Event) -> None:
        if event is None:
            connections.append(client)
        elif len(connections) == 1:
            raise ConnectionResetError("the connection broke")

    filters = {"type": ["volume"]}
    stream = EventStream(connect, filters, handle, on_disconnect=disconnected.set)
    stream.start("test-reconnect")
    try:
        wait_for(lambda: connections, "the second attempt", seconds=60)
        assert disconnected.is_set()
        create_and_remove_volume(host, label)
        wait_for(lambda: len(connections) == 2, "another connection", seconds=60)
    finally:
        stream.close()
    wait_for(lambda: threads("test-reconnect") == [], "the thread to end", seconds=60)
