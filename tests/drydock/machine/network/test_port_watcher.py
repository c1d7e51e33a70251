"""The port watcher, with a daemon that is sometimes unavailable."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
import urllib3

from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from drydock.errors import DockerConfigDamaged
from drydock.machine.network import port_watcher
from drydock.machine.network.port_watcher import PortWatcher
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.published_ports import Port, Target
from drydock.machine.network.slirp import GUEST
from tests.drydock.machine.network.recorders import RecordingAgent, RecordingSlirp

_ID = "c" * 64


class RecordingForwarder(PortForwarder):
    """A forwarder that records the ports it is given; the first time it fails, as when the guest's agent refuses."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__(RecordingSlirp(), RecordingAgent())
        self.updates: list[Mapping[Port, Target]] = []
        self.failures = failures

    async def update(self, published: Mapping[Port, Target]) -> None:
        """Record the ports, or fail."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the guest's agent refused")
        self.updates.append(dict(published))


class Daemon:
    """A daemon with one container that publishes one port; its event stream ends at once, as on a restart."""

    network_mode = "bridge"

    def __init__(self) -> None:
        self.api = self
        self.inspected: list[str] = []

    def events(self, **options: Any) -> Any:
        """Return an empty stream."""
        return iter(())

    def containers(self) -> list[dict[str, Any]]:
        """Return one container."""
        port = {"IP": "0.0.0.0", "PublicPort": 80, "PrivatePort": 80, "Type": "tcp"}
        modes = {"NetworkMode": self.network_mode}
        return [{"Id": _ID, "Ports": [port], "NetworkSettings": {"Networks": {}}, "HostConfig": modes}]

    def inspect_container(self, container: str) -> dict[str, Any]:
        """Return the container's configuration."""
        self.inspected.append(container)
        return {"HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "80"}]}}}

    def close(self) -> None:
        """Do nothing: no connection is open."""


@pytest.fixture(autouse=True)
def short_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the watcher try again at once."""
    for interval in ("drydock.machine.network.port_watcher._RETRY_SECONDS", "drydock.core.event_stream._RETRY"):
        monkeypatch.setattr(interval, 0.01)


def connect(daemon: Daemon, monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> list[float]:
    """Let the first connections to the daemon raise these; return the list of connections, as their timeouts."""
    timeouts: list[float] = []

    def client(endpoint: Endpoint, timeout: float = 60) -> Any:
        timeouts.append(timeout)
        if len(timeouts) <= len(errors):
            raise errors[len(timeouts) - 1]
        return daemon

    monkeypatch.setattr(Endpoint, "client", client)
    return timeouts


def updates(agent: RecordingAgent, number: int, failures: int = 0) -> list[Mapping[Port, Target]]:
    """Return what the forwarder is given until there have been so many updates."""

    async def main() -> list[Mapping[Port, Target]]:
        ports = RecordingForwarder(failures)
        watcher = PortWatcher(Path("/nowhere"), 1, ports, agent)
        watcher.start(asyncio.get_running_loop())
        await asyncio.to_thread(wait_for, lambda: len(ports.updates) >= number, "the updates", seconds=10)
        watcher.stop()
        return ports.updates

    return asyncio.run(main())


def test_temporary_errors_do_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an unavailable daemon, nor an error of the guest's agent, nor a closed stream ends the updates."""
    daemon, agent = Daemon(), RecordingAgent()
    attempts = connect(daemon, monkeypatch, docker.errors.DockerException("connection refused"))
    published = updates(agent, 2, failures=1)[0]
    assert published == {("tcp", 80, address): Target(GUEST, _ID[:12]) for address in ("127.0.0.1", "::1")}
    assert len(attempts) > 2


@pytest.mark.parametrize(
    "error",
    [
        DockerConfigDamaged("config.json", "TypeError"),
        urllib3.exceptions.ReadTimeoutError(urllib3.HTTPConnectionPool("x"), "/containers", "no answer"),
        KeyError("Action"),
    ],
)
def test_no_error_ends_it(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Ports are forwarded as long as the machine runs, whatever docker-py raised before."""
    attempts = connect(Daemon(), monkeypatch, error, error)
    assert len(updates(RecordingAgent(), 2)) >= 2
    assert len(attempts) > 3


def test_the_user_s_settings_of_docker_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client can be made though they are damaged."""
    for name in ("user", "own"):
        (tmp_path / name).mkdir()
    (tmp_path / "user" / "config.json").write_text("[]")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "user"))
    with pytest.raises(DockerConfigDamaged):
        Endpoint("tcp://127.0.0.1:1").client()
    port_watcher.ignore_user_settings(tmp_path / "own")
    with pytest.raises(requests.ConnectionError):
        Endpoint("tcp://127.0.0.1:1").client()


def test_a_container_is_inspected_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its configured ports can't change, so later updates don't ask again; the guest's agent isn't asked at all."""
    daemon, agent = Daemon(), RecordingAgent()
    connect(daemon, monkeypatch)
    assert len(updates(agent, 3)) >= 3
    assert daemon.inspected == [_ID]
    assert agent.requests == []


def test_the_guest_is_asked_while_its_network_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a container with the machine's network runs, its ports are asked for again without any event."""
    daemon, agent = Daemon(), RecordingAgent(listeners="00000000:1F90")
    daemon.network_mode = "host"
    connections = connect(daemon, monkeypatch)
    monkeypatch.setattr("drydock.core.event_stream._RETRY", 60)
    published = updates(agent, 3)
    assert all(("tcp", 8080, "127.0.0.1") in ports for ports in published)
    assert set(agent.requests) == {("listeners",)}
    assert len(connections) == 1


def test_a_container_may_be_gone_before_it_is_inspected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that was removed after the list was made costs no other container its ports."""
    daemon = Daemon()

    def inspect(container: str) -> Any:
        raise docker.errors.NotFound("no such container")

    monkeypatch.setattr(daemon, "inspect_container", inspect)
    connect(daemon, monkeypatch)
    assert updates(RecordingAgent(), 1)[0] == {("tcp", 80, "127.0.0.1"): Target(GUEST, _ID[:12])}
