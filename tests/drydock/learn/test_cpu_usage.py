"""Processor time of containers, measured at a real daemon."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from drydock.core.waiting import wait_for
from drydock.learn.cpu_usage import cpu_usage
from drydock.machine import Machine


@pytest.mark.live
def test_a_busy_container_and_one_that_sleeps(machine: Machine) -> None:
    """The busy one uses much of a processor, the other one nearly nothing, in the order of the names."""
    client = machine.client()
    busy = client.containers.run("drydock/busybox:1.37", ["sh", "-c", "while :; do :; done"], detach=True)
    idle = client.containers.run("drydock/busybox:1.37", "sleep 600", detach=True)
    try:

        def measured() -> bool:
            quiet, loud = cpu_usage(client, str(idle.name), str(busy.name))
            return quiet < 0.1 < loud

        assert wait_for(measured, "a difference", seconds=30)
    finally:
        for container in (busy, idle):
            container.remove(force=True)
        client.close()


@pytest.mark.parametrize(
    ("preread", "read", "used"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", 0.0),
        ("2026-11-29T10:00:00Z", "0001-01-01T00:00:00Z", 0.0),
        ("2026-11-29T10:00:00Z", "2026-11-29T10:00:01Z", 0.5),
    ],
)
def test_a_stopped_container_uses_no_processor(preread: str, read: str, used: float) -> None:
    """A daemon gives the time of no sample for it."""
    usage = {"cpu_stats": {"cpu_usage": {"total_usage": 5e8}}, "precpu_stats": {"cpu_usage": {"total_usage": 0}}}
    container = SimpleNamespace(stats=lambda stream: {**usage, "preread": preread, "read": read})
    client: Any = SimpleNamespace(containers=SimpleNamespace(get=lambda name: container))
    assert cpu_usage(client, "box") == [used]
    assert cpu_usage(client) == []
