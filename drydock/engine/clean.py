"""``drydock clean``: find and remove the objects in a daemon that have Drydock's label, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from drydock.core.paths import LABEL

if TYPE_CHECKING:
    import docker


@dataclass(frozen=True)
class DockerObject:
    """A container, network or volume with Drydock's label, and the function that removes it."""

    kind: str
    name: str
    detail: str
    remove: Callable[[], None]


def find(client: docker.DockerClient) -> list[DockerObject]:
    """Return all objects with our label, containers first: networks and volumes can't be removed while in use."""
    return [*_containers(client), *_networks(client), *_volumes(client)]


def remove(objects: list[DockerObject]) -> list[tuple[DockerObject, str]]:
    """Remove the objects, and return each one that could not be removed with the daemon's reason.

    An object that is already gone counts as removed.
    """
    from docker.errors import APIError, NotFound

    kept = []
    for each in objects:
        try:
            each.remove()
        except NotFound:
            continue
        except APIError as error:
            kept.append((each, str(error.explanation or error)))
    return kept


def _containers(client: docker.DockerClient) -> Iterator[DockerObject]:
    for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        detail = f"{container.attrs['Config']['Image']}, {container.status}"
        yield DockerObject("container", str(container.name), detail, partial(container.remove, force=True, v=True))


def _networks(client: docker.DockerClient) -> Iterator[DockerObject]:
    for network in client.networks.list(filters={"label": LABEL}):
        yield DockerObject("network", str(network.name), "", network.remove)


def _volumes(client: docker.DockerClient) -> Iterator[DockerObject]:
    for volume in client.volumes.list(filters={"label": LABEL}):
        yield DockerObject("volume", str(volume.name), "", volume.remove)
