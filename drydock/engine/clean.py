"""``drydock clean``: what Drydock made in a daemon, found by its label and by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import docker
from docker.errors import APIError, NotFound

from drydock.core.paths import LABEL


@dataclass(frozen=True)
class Thing:
    """Something of ours in a daemon; ``remove`` takes it away."""

    kind: str
    name: str
    detail: str
    remove: Callable[[], None]


def find(client: docker.DockerClient) -> list[Thing]:
    """Everything with our label, in the order in which it can be removed: containers hold networks and volumes."""
    return [*_containers(client), *_networks(client), *_volumes(client)]


def remove(things: list[Thing]) -> list[tuple[Thing, str]]:
    """Remove them, and return those that stayed, each with the daemon's reason. What is gone already is fine."""
    stayed = []
    for thing in things:
        try:
            thing.remove()
        except NotFound:
            continue
        except APIError as error:
            stayed.append((thing, str(error.explanation or error)))
    return stayed


def _containers(client: docker.DockerClient) -> Iterator[Thing]:
    for one in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        image = one.attrs["Config"]["Image"]
        yield Thing("container", str(one.name), f"{image}, {one.status}", partial(one.remove, force=True, v=True))


def _networks(client: docker.DockerClient) -> Iterator[Thing]:
    for one in client.networks.list(filters={"label": LABEL}):
        yield Thing("network", str(one.name), "", one.remove)


def _volumes(client: docker.DockerClient) -> Iterator[Thing]:
    for one in client.volumes.list(filters={"label": LABEL}):
        yield Thing("volume", str(one.name), "", one.remove)
