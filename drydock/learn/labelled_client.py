"""A docker-py client that puts a lesson's label on everything it creates, so that only that is removed later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import docker
from docker.api import APIClient

from drydock.core.endpoint import Endpoint


class LabellingAPIClient(APIClient):  # its methods have no types
    """docker-py's API client; containers, images, networks, volumes and services that it creates carry ``labels``."""

    labels: Mapping[str, str] = {}

    def create_container_from_config(self, config: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Create a container with the labels beside its own."""
        config["Labels"] = {**self.labels, **(config.get("Labels") or {})}
        create: Any = super().create_container_from_config
        return create(config, *args, **options)

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
    return client
