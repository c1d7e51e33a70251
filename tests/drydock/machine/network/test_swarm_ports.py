"""The ports of a swarm's services in a real machine: routing mesh, host mode, and the host's network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.network.web_server import PAGE, SOON, page, wait_until_closed
from tests.machines import BUSYBOX, MINE

pytestmark = pytest.mark.live


@pytest.fixture
def swarm(client: docker.DockerClient) -> Iterator[docker.DockerClient]:
    """The shared machine as a swarm of one node."""
    client.swarm.init(advertise_addr="10.0.2.100")
    yield client
    client.swarm.leave(force=True)


def create(swarm: docker.DockerClient, *command: str, **options: Any) -> Any:
    """Create a service of one task."""
    create: Any = swarm.services.create
    return create(BUSYBOX, list(command), labels=MINE, container_labels=MINE, **options)


@pytest.mark.parametrize("mode", ["ingress", pytest.param("host", marks=pytest.mark.nightly)])
def test_a_published_port(swarm: docker.DockerClient, mode: str) -> None:
    """A port that a service publishes is open on this computer until the service is removed."""
    port = free_port()
    published: Any = {port: (80, "tcp", mode)}
    service = create(swarm, *PAGE, endpoint_spec=docker.types.EndpointSpec(ports=published))
    wait_for(lambda: page(port), "the service's page", seconds=SOON)
    service.remove()
    wait_until_closed(port)


@pytest.mark.nightly
def test_the_hosts_network(swarm: docker.DockerClient) -> None:
    """A service with ``--network host`` is reached at the port on which its program listens, until it is removed."""
    port = free_port()
    command = f"mkdir /w; echo page > /w/index.html; exec httpd -f -p {port} -h /w"
    service = create(swarm, "sh", "-c", command, networks=["host"])
    wait_for(lambda: page(port) == "page", "the service's page", seconds=SOON)
    service.remove()
    wait_until_closed(port)
