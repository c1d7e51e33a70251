"""The port watcher, with a daemon that is sometimes unavailable."""

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
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.published_ports import Port
from drydock.machine.network.slirp import Slirp


class RecordingForwarder(PortForwarder):
    """A forwarder that records the ports it is given; the first time it fails, as when the guest's agent refuses."""

    def __init__(self) -> None:
        agent = GuestAgent()
        agent.close()
        super().__init__(Slirp(Path("/nowhere")), agent)
        self.updates: list[Mapping[Port, str]] = []
        self.failures = 1

    async def update(self, published: Mapping[Port, str]) -> None:
        """Record the ports, or fail."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the guest's agent refused")
        self.updates.append(dict(published))


class Daemon:
    """A daemon with one container that publishes one port; its event stream ends at once, as on a restart."""

    def __init__(self) -> None:
        self.api = self

    def events(self, **options: Any) -> Any:
        """Return an empty stream."""
        return iter(())

    def containers(self) -> list[dict[str, Any]]:
        """Return one container."""
        port = {"IP": "0.0.0.0", "PublicPort": 80, "PrivatePort": 80, "Type": "tcp"}
        return [{"Id": "c" * 64, "Ports": [port], "NetworkSettings": {"Networks": {}}}]

    def close(self) -> None:
        """Do nothing: no connection is open."""


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the first connection to the daemon fail; return the list of connections, as their timeouts."""
    timeouts: list[float] = []

    def client(endpoint: Endpoint, timeout: float = 60) -> Any:
        timeouts.append(timeout)
        if len(timeouts) == 1:
            raise docker.errors.DockerException("connection refused")
        return Daemon()

    monkeypatch.setattr(Endpoint, "client", client)
    return timeouts


def test_temporary_errors_do_not_end_it(attempts: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an unavailable daemon, nor an error of the guest's agent, nor a closed stream ends the updates."""
    for interval in ("drydock.machine.network.port_watcher._RETRY_SECONDS", "drydock.core.event_stream._RETRY"):
        monkeypatch.setattr(interval, 0.01)

    async def main() -> None:
        ports = RecordingForwarder()
        watcher = PortWatcher(Path("/nowhere"), 1, ports)
        watcher.start(asyncio.get_running_loop())
        await asyncio.to_thread(wait_for, lambda: len(ports.updates) > 1, "two updates", seconds=10)
        watcher.stop()
        assert set(ports.updates[0]) == {("tcp", 80, "127.0.0.1")}

    asyncio.run(main())
    assert len(attempts) > 2
