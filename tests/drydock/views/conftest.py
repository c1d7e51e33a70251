"""Fixtures of the views' tests: this computer's own Docker daemon, with a label for each test.

Other test runs may use that daemon at the same time, so each test has a label of its own.
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
def labels() -> dict[str, str]:
    """The label of the objects that a test creates in this computer's daemon."""
    return {LABEL: f"views-{secrets.token_hex(3)}"}


@pytest.fixture
def host_client(host: Endpoint, labels: dict[str, str]) -> Iterator[docker.DockerClient]:
    """A client of this computer's daemon, which has busybox; what the test created there is removed after it."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        try:
            yield client
        finally:
            remove_labelled(client, f"{LABEL}={labels[LABEL]}")


def remove_labelled(client: docker.DockerClient, label: str) -> None:
    """Remove all objects with a label."""
    filters: Any = {"label": label}
    for container in client.containers.list(all=True, ignore_removed=True, filters=filters):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=filters):
        network.remove()
    for volume in client.volumes.list(filters=filters):
        volume.remove()
    for image in client.images.list(filters=filters):
        client.images.remove(str(image.id), force=True)
