"""What the views' tests stand on, besides the shared machine: the daemon of this computer.

Other runs of these tests may stand on it at the same time, so each test has a label of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import pytest

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL


@pytest.fixture
def ours() -> dict[str, str]:
    """The label of what a test makes in the daemon of this computer."""
    return {LABEL: f"views-{secrets.token_hex(3)}"}


@pytest.fixture
def own(host: Endpoint, ours: dict[str, str]) -> Iterator[docker.DockerClient]:
    """A client of this computer's own daemon, which has busybox; what the test made there is gone after it."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        try:
            yield client
        finally:
            sweep(client, f"{LABEL}={ours[LABEL]}")


def sweep(client: docker.DockerClient, label: str) -> None:
    """Remove all that carries a label."""
    found: Any = {"label": label}
    for container in client.containers.list(all=True, filters=found):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=found):
        network.remove()
    for volume in client.volumes.list(filters=found):
        volume.remove()
    for image in client.images.list(filters=found):
        client.images.remove(str(image.id), force=True)
