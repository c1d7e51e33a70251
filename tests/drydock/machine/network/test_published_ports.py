"""The published ports in Docker's lists of containers and of services."""

from __future__ import annotations

from typing import Any

import pytest

from drydock.core import resources
from drydock.machine.network import published_ports
from drydock.machine.network.published_ports import WITH_RULE, Target, has_service, of_containers, of_services
from drydock.machine.network.slirp import GUEST, LOOPBACK

_ID = "c" * 64


def containers_with(*ports: dict[str, Any], address: str = "172.17.0.2") -> list[dict[str, Any]]:
    """Return Docker's list of containers with one container that has these ports."""
    networks = {"bridge": {"IPAddress": address}}
    return [{"Id": _ID, "Ports": list(ports), "NetworkSettings": {"Networks": networks}}]


def test_published_ports_in_dockers_list() -> None:
    """Each TCP or UDP port bound to an IPv4 address counts once; unpublished, IPv6 and SCTP ports do not count."""
    containers = containers_with(
        {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "0.0.0.0"},
        {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "::"},
        {"PrivatePort": 53, "PublicPort": 5353, "Type": "udp", "IP": "127.0.0.1"},
        {"PrivatePort": 9, "PublicPort": 9, "Type": "sctp", "IP": "0.0.0.0"},
        {"PrivatePort": 443, "Type": "tcp"},
    )
    assert of_containers(containers, {}) == {
        ("tcp", 8080, LOOPBACK): Target(GUEST, _ID[:12]),
        ("udp", 5353, LOOPBACK): Target(LOOPBACK, _ID[:12]),
    }
    assert of_containers([{"Id": "x", "Ports": []}], {}) == {}


def test_one_port_on_two_addresses() -> None:
    """A port published on two loopback addresses counts twice; all other addresses of a port are one."""
    addresses = ("127.0.0.1", "127.0.0.2", "10.0.2.100")
    ports = [{"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": address} for address in addresses]
    assert set(of_containers(containers_with(*ports), {})) == {("tcp", 8080, LOOPBACK), ("tcp", 8080, "127.0.0.2")}


@pytest.mark.parametrize("name", ["127.example.org", "127.0.0.1.example.org", "127.1"])
def test_a_host_name_is_no_loopback_address(name: str) -> None:
    """A guest whose root changed the daemon can't name an address of this computer's other networks."""
    containers = containers_with({"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": name})
    assert set(of_containers(containers, {})) == {("tcp", 8080, LOOPBACK)}


@pytest.mark.parametrize("host_ip", ["", None])
def test_all_ipv6_addresses(host_ip: str | None) -> None:
    """A TCP port that is published without an address is forwarded from ::1 too, under the number Docker chose."""
    containers = containers_with(
        {"PrivatePort": 80, "PublicPort": 49153, "Type": "tcp", "IP": "0.0.0.0"},
        {"PrivatePort": 53, "PublicPort": 5353, "Type": "udp", "IP": "0.0.0.0"},
    )
    any_address = [{"HostIp": host_ip, "HostPort": ""}]
    bindings = {_ID: {"80/tcp": any_address, "53/udp": any_address, "443/tcp": None}}
    on_ipv6 = {port: target for port, target in of_containers(containers, bindings).items() if port[2] == "::1"}
    assert on_ipv6 == {("tcp", 49153, "::1"): Target(GUEST, _ID[:12])}
    only_ipv4 = {_ID: {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}]}}
    assert ("tcp", 49153, "::1") not in of_containers(containers, only_ipv4)


@pytest.mark.parametrize("host_ip", ["::1", "::"])
def test_an_ipv6_address_alone(host_ip: str) -> None:
    """A port on ::1, which the daemon's list lacks, leads to the container by a rule; without a number it doesn't."""
    containers = containers_with({"PrivatePort": 80, "Type": "tcp"})
    bindings = {_ID: {"80/tcp": [{"HostIp": host_ip, "HostPort": "8080"}]}}
    expected = {("tcp", 8080, "::1"): Target(WITH_RULE, _ID[:12], "172.17.0.2:80")}
    assert of_containers(containers, bindings) == expected
    for host_port in ("", "0", None, "8000-8010"):
        assert of_containers(containers, {_ID: {"80/tcp": [{"HostIp": host_ip, "HostPort": host_port}]}}) == {}
    assert of_containers(containers_with(address=""), bindings) == {}
    assert of_containers(containers, {_ID: {"80/tcp": [{"HostIp": "fd00::1", "HostPort": "8080"}]}}) == {}


def test_the_guest_has_the_same_address() -> None:
    """The guest's agent adds its rules for the address to which the forwards lead."""
    agent = resources.package_data("drydock.machine.guest", "files") / "agent"
    assert f" -d {WITH_RULE} " in agent.read_text()


def test_only_containers_with_ports_are_looked_at() -> None:
    """A container that publishes nothing and has no port in its image needs no second request."""
    assert published_ports.has_ports(containers_with({"PrivatePort": 80, "Type": "tcp"})[0])
    assert not published_ports.has_ports(containers_with()[0])


def test_ports_of_the_routing_mesh() -> None:
    """A service's TCP and UDP ports count if the mesh serves them; services exist if a container has their label."""
    ports = [
        {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8090, "PublishMode": "ingress"},
        {"Protocol": "tcp", "TargetPort": 81, "PublishedPort": 8091, "PublishMode": "host"},
    ]
    assert of_services([{"Endpoint": {"Ports": ports}}]) == {("tcp", 8090, LOOPBACK): Target(GUEST)}
    assert of_services([{"Endpoint": {}}]) == {}
    assert has_service([{"Labels": {"com.docker.swarm.service.id": "s"}}])
    assert not has_service([{"Labels": {}}, {}])
