"""Containers of the course's images, in this computer's own daemon."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.tar_member import add_bytes

#: Runs a command in a new container of an image and returns its output, standard error included.
Runner = Callable[..., str]
#: Starts a container of an image in the background, after copying files into it.
Launcher = Callable[..., Container]


@pytest.fixture(scope="session")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has all images."""
    with closing(host.client(timeout=300)) as client:
        images.build(client)
        yield client


@pytest.fixture
def run(client: docker.DockerClient) -> Runner:
    """A function that runs a command in a new container and raises if the command fails."""

    def runner(tag: str, *command: str, **options: Any) -> str:
        labels = {LABEL: "tests"}
        output: bytes = client.containers.run(tag, list(command), labels=labels, remove=True, stderr=True, **options)
        return output.decode()

    return runner


@pytest.fixture
def start(client: docker.DockerClient, volume: str, network: str) -> Iterator[Launcher]:
    """A function that starts a container in the background; it is removed before the test's volume and network."""
    started: list[Container] = []

    def launcher(tag: str, *command: str, files: Mapping[str, bytes] | None = None, **options: Any) -> Container:
        container = client.containers.create(tag, list(command), labels={LABEL: "tests"}, **options)
        started.append(container)
        for path, data in (files or {}).items():
            container.put_archive(str(PurePosixPath(path).parent), _packed(PurePosixPath(path).name, data))
        container.start()
        return container

    yield launcher
    for container in reversed(started):
        container.remove(force=True, v=True)


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """The name of a new volume, removed after the test."""
    volume = client.volumes.create(labels={LABEL: "tests"})
    yield volume.name
    volume.remove(force=True)


@pytest.fixture
def network(client: docker.DockerClient) -> Iterator[str]:
    """The name of a new network, removed after the test."""
    network = client.networks.create(f"tests-{secrets.token_hex(4)}", labels={LABEL: "tests"})
    yield str(network.name)
    network.remove()


@pytest.fixture
def megabytes(client: docker.DockerClient) -> Callable[[str], float]:
    """A function that returns the size of an image in 10⁶ bytes, as `docker images` prints it."""
    return lambda tag: client.images.get(tag).attrs["Size"] / 1e6


def _packed(name: str, data: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        add_bytes(tar, name, data)
    return archive.getvalue()
