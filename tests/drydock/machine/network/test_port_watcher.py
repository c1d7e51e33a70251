"""Following the daemon's events, with a daemon that comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
import pytest

from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.port_watcher import PortWatcher
from drydock.machine.network.portfwd import Port, PortForwarder
from drydock.machine.network.slirp import Slirp


class Noting(PortForwarder):
    """Only notes what it should follow; the first time it fails as a guest can that says no."""

    def __init__(self) -> None:
        console = GuestAgent()
        console.close()
        super().__init__(Slirp(Path("/nowhere")), console)
        self.followed: list[Mapping[Port, str]] = []
        self.fails = 1

    async def follow(self, wanted: Mapping[Port, str]) -> None:
        """Note it."""
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the guest said no")
        self.followed.append(dict(wanted))


class Daemon:
    """A daemon that has one container with one port; its stream of events ends at once, as when it restarts."""

    def __init__(self) -> None:
        self.api = self

    def events(self, **options: Any) -> Any:
        """No event, and then the end."""
        return iter(())

    def containers(self) -> list[dict[str, Any]]:
        """One container."""
        port = {"IP": "0.0.0.0", "PublicPort": 80, "PrivatePort": 80, "Type": "tcp"}
        return [{"Id": "c" * 64, "Ports": [port], "NetworkSettings": {"Networks": {}}}]

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def unreliable(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A daemon that can't be reached the first time; gives the list of attempts."""
    attempts: list[float] = []

    def client(endpoint: Endpoint, timeout: float = 60) -> Any:
        attempts.append(timeout)
        if len(attempts) == 1:
            raise docker.errors.DockerException("connection refused")
        return Daemon()

    monkeypatch.setattr(Endpoint, "client", client)
    return attempts


def test_it_goes_on_whatever_happens(unreliable: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a daemon that is away, nor a guest's no, nor a stream that ends keeps it from following."""
    for interval in ("drydock.machine.network.port_watcher._AGAIN", "drydock.core.event_stream._RETRY"):
        monkeypatch.setattr(interval, 0.01)

    async def story() -> None:
        ports = Noting()
        watch = PortWatcher(Path("/nowhere"), 1, ports)
        watch.start(asyncio.get_running_loop())
        await asyncio.to_thread(wait_for, lambda: len(ports.followed) > 1, "ports to be followed", seconds=10)
        watch.stop()
        assert set(ports.followed[0]) == {("tcp", 80)}

    asyncio.run(story())
    assert len(unreliable) > 2
