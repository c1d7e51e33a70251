"""Processor time of containers, measured at a real daemon."""

from __future__ import annotations

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
