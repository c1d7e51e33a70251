"""A container of any of our images, in the daemon of this computer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import docker
import pytest

from drydock import images
from drydock.endpoint import Endpoint
from drydock.paths import LABEL

#: Runs a command in a new container of an image and returns what it printed, errors included.
Runner = Callable[..., str]


@pytest.fixture(scope="session")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has all images."""
    with closing(host.client(timeout=300)) as client:
        images.build(client)
        yield client


@pytest.fixture
def run(client: docker.DockerClient) -> Runner:
    """Runs a command in a new container; it fails when the command does."""

    def runner(tag: str, *command: str, **options: Any) -> str:
        labels = {LABEL: "tests"}
        said: bytes = client.containers.run(tag, list(command), labels=labels, remove=True, stderr=True, **options)
        return said.decode()

    return runner


@pytest.fixture
def megabytes(client: docker.DockerClient) -> Callable[[str], float]:
    """The size of an image in 10⁶ bytes, as `docker images` tells it."""
    return lambda tag: client.images.get(tag).attrs["Size"] / 1e6
