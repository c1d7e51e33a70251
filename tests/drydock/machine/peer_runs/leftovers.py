"""Removes from a daemon what the tests of a suite have left there; what other programs made stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError

from tests.drydock.machine.peer_runs import substitute_images

#: How the names of networks and volumes begin that a suite's tests create; the second is a swarm's own.
_PREFIXES = ("dockerpytest_", "docker_gwbridge", "peer-", "testcontainers")
_LABELS = ("org.testcontainers", "com.docker.compose.project")


@dataclass(frozen=True)
class Before:
    """The names of a daemon's networks and volumes, and the state of its swarm, before a suite runs."""

    networks: frozenset[str]
    volumes: frozenset[str]
    swarm: str

    @classmethod
    def of(cls, client: docker.DockerClient) -> Before:
        """Return what the daemon has now."""
        networks = frozenset(network["Name"] for network in client.api.networks())
        volumes = frozenset(volume["Name"] for volume in _volumes(client))
        return cls(networks, volumes, client.info()["Swarm"]["LocalNodeState"])


def remove(client: docker.DockerClient, before: Before) -> list[str]:
    """Remove what a suite has left; return the new networks and volumes that may be somebody else's and stay."""
    if client.info()["Swarm"]["LocalNodeState"] != before.swarm:
        client.swarm.leave(force=True)
    substitute_images.remove(client)
    networks = {item["Name"]: item for item in client.api.networks() if item["Name"] not in before.networks}
    volumes = {item["Name"]: item for item in _volumes(client) if item["Name"] not in before.volumes}
    kept = [f"network {name}" for name, item in networks.items() if not _remove(item, client.api.remove_network)]
    return kept + [f"volume {name}" for name, item in volumes.items() if not _remove(item, client.api.remove_volume)]


def _volumes(client: docker.DockerClient) -> list[dict[str, Any]]:
    return client.api.volumes()["Volumes"] or []


def _remove(item: dict[str, Any], remove: Any) -> bool:
    """Remove a network or volume if it is a suite's; return whether it is gone."""
    if not item["Name"].startswith(_PREFIXES) and not any(label in (item["Labels"] or {}) for label in _LABELS):
        return False
    try:
        remove(item["Name"])
    except APIError:
        return False
    return True
