"""The published ports in Docker's lists of containers and of services."""

from __future__ import annotations

from typing import Any

from drydock.machine.network.published_ports import LOOPBACK, has_service, of_containers, of_services


def containers_with(*ports: dict[str, Any], address: str = "172.17.0.2") -> list[dict[str, Any]]:
    """Return Docker's list of containers with one container that has these ports."""
    networks = {"bridge": {"IPAddress": address}}
    return [{"Id": "c" * 64, "Ports": list(ports), "NetworkSettings": {"Networks": networks}}]


def test_published_ports_in_dockers_list() -> None:
    """Each TCP or UDP port bound to an IPv4 address counts once; unpublished, IPv6 and SCTP ports do not count."""
    containers = containers_with(
        {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "0.0.0.0"},
        {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "::"},
        {"PrivatePort": 53, "PublicPort": 5353, "Type": "udp", "IP": "127.0.0.1"},
        {"PrivatePort": 9, "PublicPort": 9, "Type": "sctp", "IP": "0.0.0.0"},
        {"PrivatePort": 443, "Type": "tcp"},
    )
    container = "cccccccccccc@172.17.0.2"
    targets = {("tcp", 8080, LOOPBACK): f"0.0.0.0>{container}", ("udp", 5353, LOOPBACK): f"127.0.0.1>{container}"}
    assert of_containers(containers) == targets
    assert of_containers([{"Id": "x", "Ports": []}]) == {}


def test_ports_of_the_routing_mesh() -> None:
    """A service's TCP and UDP ports count if the mesh serves them; services exist if a container has their label."""
    ports = [
        {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8090, "PublishMode": "ingress"},
        {"Protocol": "tcp", "TargetPort": 81, "PublishedPort": 8091, "PublishMode": "host"},
    ]
    assert of_services([{"ID": "s" * 25, "Endpoint": {"Ports": ports}}]) == {
        ("tcp", 8090, LOOPBACK): "0.0.0.0>ssssssssssss@"
    }
    assert of_services([{"ID": "s" * 25, "Endpoint": {}}]) == {}
    assert has_service([{"Labels": {"com.docker.swarm.service.id": "s"}}])
    assert not has_service([{"Labels": {}}, {}])


def test_one_port_on_two_addresses() -> None:
    """A port published on two loopback addresses counts twice; all other addresses of a port are one."""
    addresses = ("127.0.0.1", "127.0.0.2", "0.0.0.0")
    ports = [{"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": address} for address in addresses]
    assert set(of_containers(containers_with(*ports))) == {("tcp", 8080, LOOPBACK), ("tcp", 8080, "127.0.0.2")}
