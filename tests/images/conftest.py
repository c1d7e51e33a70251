"""A container of any of our images, in the daemon of this computer."""

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

#: Runs a command in a new container of an image and returns what it printed, errors included.
Runner = Callable[..., str]
#: Starts a container of an image in the background, with files put into it first.
Launcher = Callable[..., Container]


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
def start(client: docker.DockerClient, volume: str, network: str) -> Iterator[Launcher]:
    """Starts a container in the background; it is gone when the test ends, before the test's volume and network."""
    started: list[Container] = []

    def starter(tag: str, *command: str, files: Mapping[str, bytes] | None = None, **options: Any) -> Container:
        container = client.containers.create(tag, list(command), labels={LABEL: "tests"}, **options)
        started.append(container)
        for path, data in (files or {}).items():
            container.put_archive(str(PurePosixPath(path).parent), _packed(PurePosixPath(path).name, data))
        container.start()
        return container

    yield starter
    for container in reversed(started):
        container.remove(force=True, v=True)


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """The name of a new volume, gone when the test ends."""
    made = client.volumes.create(labels={LABEL: "tests"})
    yield made.name
    made.remove(force=True)


@pytest.fixture
def network(client: docker.DockerClient) -> Iterator[str]:
    """The name of a new network, gone when the test ends."""
    made = client.networks.create(f"tests-{secrets.token_hex(4)}", labels={LABEL: "tests"})
    yield str(made.name)
    made.remove()


@pytest.fixture
def megabytes(client: docker.DockerClient) -> Callable[[str], float]:
    """The size of an image in 10⁶ bytes, as `docker images` tells it."""
    return lambda tag: client.images.get(tag).attrs["Size"] / 1e6


def _packed(name: str, data: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o644
        tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()
