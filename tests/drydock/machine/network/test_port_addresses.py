"""The addresses of this computer from which a real machine's ports are forwarded."""

from __future__ import annotations

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.network.web_server import (
    SOON,
    is_open,
    needs_ipv6,
    page,
    serve,
    wait_for_page,
    wait_until_closed,
)

pytestmark = pytest.mark.live


def test_one_loopback_address(client: docker.DockerClient) -> None:
    """A port published on 127.0.0.2 is open there and not on 127.0.0.1, and gone with its container."""
    port = free_port()
    container = serve(client, ("127.0.0.2", port))
    wait_for_page(port, container, "127.0.0.2")
    assert not is_open(port)
    container.remove(force=True)
    wait_until_closed(port, "127.0.0.2")


def test_two_addresses(client: docker.DockerClient) -> None:
    """A port published on 127.0.0.1 and on 127.0.0.2 is open on both, until its container is removed."""
    port, addresses = free_port(), ("127.0.0.1", "127.0.0.2")
    container = serve(client, [(address, port) for address in addresses])
    for address in addresses:
        wait_for_page(port, container, address)
    container.remove(force=True)
    for address in addresses:
        wait_until_closed(port, address)


@needs_ipv6
def test_two_containers_with_one_port(client: docker.DockerClient) -> None:
    """Each of three containers that publish one port on 127.0.0.1, 127.0.0.2 and ::1 is reached at its own address."""
    port, addresses = free_port(), ("127.0.0.1", "127.0.0.2", "::1")
    containers = {address: serve(client, (address, port)) for address in addresses}
    for address, container in containers.items():
        wait_for_page(port, container, address)
    containers["127.0.0.1"].remove(force=True)
    wait_until_closed(port)
    for address in ("127.0.0.2", "::1"):
        assert page(port, address) == containers[address].short_id


@pytest.mark.nightly
@needs_ipv6
def test_ipv6(client: docker.DockerClient) -> None:
    """A port published on ::1 alone is open there and not on 127.0.0.1, follows a restart, and ends with it."""
    port = free_port(address="::1")
    container = serve(client, ("::1", port))
    wait_for_page(port, container, "::1")
    assert not is_open(port)
    container.stop(timeout=0)
    wait_until_closed(port, "::1")
    other = serve(client, None)  # takes the address that is free now
    container.start()
    wait_for_page(port, container, "::1")
    other.remove(force=True)
    container.remove(force=True)
    wait_until_closed(port, "::1")


@needs_ipv6
def test_all_addresses(machine: Machine, client: docker.DockerClient) -> None:
    """A port published without an address is open on 127.0.0.1 and ::1; published on 0.0.0.0, on 127.0.0.1 alone."""
    port, only_ipv4 = free_port(), free_port()
    container, other = serve(client, port), serve(client, ("0.0.0.0", only_ipv4))
    for address in ("127.0.0.1", "::1"):
        wait_for_page(port, container, address)
    wait_for_page(only_ipv4, other)
    assert [row["address"] for row in machine.status().ports if row["port"] == only_ipv4] == ["127.0.0.1"]
    container.remove(force=True)
    wait_for(lambda: not any(is_open(port, address) for address in ("127.0.0.1", "::1")), "the end", seconds=SOON)
