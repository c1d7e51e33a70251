"""``drydock clean`` removes the objects with Drydock's label and no others."""

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

BUSYBOX = "drydock/busybox:1.37"


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch) -> str:
    """A value of the label for this test, so that it removes no objects of others."""
    value = secrets.token_hex(4)
    monkeypatch.setattr(clean, "LABEL", f"{LABEL}={value}")
    return value


@pytest.fixture
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has busybox."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        yield client


def test_labelled_objects_are_removed(client: docker.DockerClient, value: str) -> None:
    """Containers are removed before the networks and volumes they use; an object with another label stays."""
    name, labels = f"test-{value}", {LABEL: value}
    other = client.networks.create(f"{name}-other", labels={LABEL: "other"})
    try:
        client.networks.create(name, labels=labels)
        client.volumes.create(name, labels=labels)
        client.containers.run(
            BUSYBOX, "sleep 60", name=name, network=name, volumes=[f"{name}:/data"], detach=True, labels=labels
        )
        objects = clean.find(client)
        assert [each.kind for each in objects] == ["container", "network", "volume"]
        assert clean.remove(objects) == []
        assert clean.find(client) == []
        assert client.networks.list(names=[f"{name}-other"])
    finally:
        clean.remove(clean.find(client))
        other.remove()


def test_removed_object_is_no_error(client: docker.DockerClient, value: str) -> None:
    """An object that was removed meanwhile counts as removed."""
    client.volumes.create(f"test-{value}", labels={LABEL: value})
    objects = clean.find(client)
    clean.remove(objects)
    assert clean.remove(objects) == []


def test_object_in_use_is_kept(client: docker.DockerClient, value: str) -> None:
    """A volume that an unlabelled container uses is kept, with the daemon's reason."""
    client.volumes.create(f"test-{value}", labels={LABEL: value})
    user = client.containers.create(BUSYBOX, volumes=[f"test-{value}:/data"], labels={LABEL: "other"})
    try:
        [(kept, reason)] = clean.remove(clean.find(client))
        assert kept.kind == "volume"
        assert "in use" in reason
    finally:
        user.remove()
        clean.remove(clean.find(client))
