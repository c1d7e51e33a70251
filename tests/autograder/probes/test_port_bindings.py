"""The addresses at which a container is published."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autograder.probes.port_bindings import bindings, listed


def test_each_binding_is_an_address_and_a_port() -> None:
    """Ports that lead nowhere are left out, and so is the container port."""
    ports = {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "::1", "HostPort": "8080"}],
        "53/udp": None,
    }
    container: Any = SimpleNamespace(attrs={"NetworkSettings": {"Ports": ports}})
    assert bindings(container) == {("127.0.0.1", 8080), ("::1", 8080)}


def test_a_list_of_them_is_as_docker_prints_it() -> None:
    """The colons of an IPv6 address are not mistaken for that in front of the port."""
    assert listed({("::", 8080), ("0.0.0.0", 8080)}) == "0.0.0.0:8080, [::]:8080"
    assert listed([]) == "no port at all"
