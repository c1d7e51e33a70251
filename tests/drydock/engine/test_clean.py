"""Cleaning: what carries our label, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.engine import clean

pytestmark = pytest.mark.host


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch) -> str:
    """The label's value in this test, which leaves alone what others have labelled."""
    value = secrets.token_hex(4)
    monkeypatch.setattr(clean, "LABEL", f"{LABEL}={value}")
    return value


@pytest.fixture
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has the smallest of our images."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        yield client


def test_it_finds_and_removes_what_is_ours(client: docker.DockerClient, value: str) -> None:
    """Containers go before the networks and volumes they hold; what has no label stays."""
    name, ours = f"test-{value}", {LABEL: value}
    other = client.networks.create(f"{name}-other", labels={LABEL: "other"})
    try:
        client.networks.create(name, labels=ours)
        client.volumes.create(name, labels=ours)
        client.containers.run(
            "drydock/busybox:1.37", "sleep 60", name=name, network=name, volumes=[f"{name}:/data"],
            detach=True, labels=ours,
        )  # fmt: skip
        things = clean.find(client)
        assert [thing.kind for thing in things] == ["container", "network", "volume"]
        assert clean.remove(things) == []
        assert clean.find(client) == []
        assert client.networks.list(names=[f"{name}-other"])
    finally:
        clean.remove(clean.find(client))
        other.remove()


def test_what_is_gone_already_is_fine(client: docker.DockerClient, value: str) -> None:
    """Somebody else may have removed a thing meanwhile."""
    client.volumes.create(f"test-{value}", labels={LABEL: value})
    things = clean.find(client)
    clean.remove(things)
    assert clean.remove(things) == []


def test_what_stays_is_told(client: docker.DockerClient, value: str) -> None:
    """A volume that another's container uses stays, with the daemon's reason."""
    client.volumes.create(f"test-{value}", labels={LABEL: value})
    user = client.containers.create("drydock/busybox:1.37", volumes=[f"test-{value}:/data"], labels={LABEL: "other"})
    try:
        [(thing, why)] = clean.remove(clean.find(client))
        assert thing.kind == "volume"
        assert "in use" in why
    finally:
        user.remove()
        clean.remove(clean.find(client))
