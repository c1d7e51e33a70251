"""A docker-py client that puts a lesson's label on everything it creates, so that only that is removed later.

At a machine it also refuses ports and folders of this computer that a container can't have.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
from docker.api import APIClient

from drydock.core.endpoint import Endpoint
from drydock.machine import container_preflight


class LabellingAPIClient(APIClient):  # its methods have no types
    """docker-py's API client; containers, images, networks, volumes and services that it creates carry ``labels``."""

    labels: Mapping[str, str] = {}
    #: The instance folder of the machine whose daemon this is; None for another daemon.
    machine: Path | None = None

    def create_container_from_config(self, config: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Create a container with the labels beside its own.

        Raises :class:`~drydock.errors.PortTaken` or :class:`~drydock.errors.FolderNotShared` where a machine's daemon
        would not notice.
        """
        if self.machine is not None:
            container_preflight.check_config(self.machine, config.get("HostConfig") or {})
        config["Labels"] = {**self.labels, **(config.get("Labels") or {})}
        create: Any = super().create_container_from_config
        return create(config, *args, **options)

    def start(self, container: Any, *args: Any, **options: Any) -> Any:
        """Start a container; a machine's only if its ports are free on this computer."""
        if self.machine is not None:
            config = self.inspect_container(container)["HostConfig"]
            container_preflight.check(self.machine, container_preflight.bound_ports(config), ())
        return super().start(container, *args, **options)

    def create_network(self, name: str, *args: Any, **options: Any) -> Any:
        """Create a network with the labels beside its own."""
        return super().create_network(name, *args, **self._labelled(options))

    def create_volume(self, *args: Any, **options: Any) -> Any:
        """Create a volume with the labels beside its own."""
        return super().create_volume(*args, **self._labelled(options))

    def build(self, *args: Any, **options: Any) -> Any:
        """Build an image with the labels beside its own."""
        return super().build(*args, **self._labelled(options))

    def create_service(self, *args: Any, **options: Any) -> Any:
        """Create a service with the labels beside its own."""
        create: Any = super().create_service
        return create(*args, **self._labelled(options))

    def _labelled(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "labels": {**self.labels, **(options.get("labels") or {})}}


def labelled_client(endpoint: Endpoint, labels: Mapping[str, str], timeout: float = 60) -> docker.DockerClient:
    """Return a docker-py client of a daemon that puts ``labels`` on what it creates; the caller closes it."""
    client = endpoint.client(timeout)
    api: Any = client.api
    api.__class__ = LabellingAPIClient  # the same session and settings; only the methods above are others
    api.labels = labels
    api.machine = container_preflight.machine_folder(endpoint.certificates)
    return client
