"""The ports that a machine's containers and services publish, as its daemon lists them.

A port is forwarded from the address of this computer on which it is published, if that is a loopback address; from ::1,
if it is published on all IPv6 addresses; and else from 127.0.0.1. Docker publishes a port on all IPv4 and all IPv6
addresses unless one is named.

The machine's daemon has rules for IPv4 alone, and drops a port of ``-p [::1]:8080:80`` from its list. So the port is
looked up in the container's configuration, and the guest gets a rule of our own for it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drydock.machine.network.slirp import GUEST, LOOPBACK, Protocol

#: A published port: protocol, number, and the address of this computer from which it is forwarded.
Port = tuple[Protocol, int, str]

LOOPBACK_IPV6 = "::1"
#: The guest's address for ports that only our own rules lead to a container; the guest's ``agent`` has it, too.
WITH_RULE = "127.0.6.1"
#: The label with its service's id that each container of a swarm has.
_SERVICE = "com.docker.swarm.service.id"


@dataclass(frozen=True)
class Target:
    """Where a forward leads: to the port of the same number at one of the guest's addresses.

    ``container`` is the short id of the container that publishes the port. ``rule`` is the container's own address and
    port, such as ``172.17.0.2:80``, if the guest needs a rule that leads there.
    """

    address: str
    container: str = ""
    rule: str = ""


def of_containers(containers: list[dict[str, Any]], bindings: Mapping[str, Any]) -> dict[Port, Target]:
    """Return the published ports in the daemon's list of containers, each with its target.

    ``bindings`` has the ``PortBindings`` of a container's configuration by the container's id.
    """
    targets: dict[Port, Target] = {}
    for container in containers:
        targets |= _on_ipv4(container)
        targets |= _on_ipv6(container, bindings.get(container["Id"]) or {})
    return targets


def has_ports(container: dict[str, Any]) -> bool:
    """Return whether a container in the daemon's list may publish ports: all that it has are in its list."""
    return bool(container.get("Ports"))


def has_service(containers: list[dict[str, Any]]) -> bool:
    """Return whether a container in the daemon's list belongs to a service of a swarm."""
    return any(_SERVICE in (container.get("Labels") or {}) for container in containers)


def of_services(services: list[dict[str, Any]]) -> dict[Port, Target]:
    """Return the ports of the routing mesh in the daemon's list of services, each with its target."""
    return {
        (port["Protocol"], port["PublishedPort"], LOOPBACK): Target(GUEST)
        for service in services
        for port in service.get("Endpoint", {}).get("Ports", [])
        if port.get("PublishMode") == "ingress" and port["Protocol"] in ("tcp", "udp")
    }


def _on_ipv4(container: dict[str, Any]) -> dict[Port, Target]:
    """Return the ports for which the daemon has rules."""
    targets: dict[Port, Target] = {}
    for port in container.get("Ports", []):
        bound = port.get("IP", "")
        if port.get("PublicPort") and ":" not in bound and port["Type"] in ("tcp", "udp"):
            on_loopback = _is_loopback(bound)
            key = (port["Type"], port["PublicPort"], bound if on_loopback else LOOPBACK)
            targets[key] = Target(bound if on_loopback else GUEST, _short_id(container))
    return targets


def _is_loopback(bound: str) -> bool:
    """Return whether it is a loopback address, and no host name: the guest's root can make the daemon list anything."""
    try:
        return ipaddress.IPv4Address(bound).is_loopback
    except ValueError:
        return False


def _on_ipv6(container: dict[str, Any], bindings: Mapping[str, Any]) -> dict[Port, Target]:
    """Return the TCP ports that are published on ::1 or on all IPv6 addresses; UDP is forwarded over IPv4 only."""
    targets: dict[Port, Target] = {}
    for name, bound in bindings.items():
        private, _, protocol = name.partition("/")
        for binding in bound or () if protocol == "tcp" else ():
            if binding.get("HostIp") in (None, ""):
                for number in _numbers(container, int(private)):
                    targets["tcp", number, LOOPBACK_IPV6] = Target(GUEST, _short_id(container))
            elif binding["HostIp"] in (LOOPBACK_IPV6, "::"):
                chosen, address = str(binding.get("HostPort")), _address(container)
                if chosen.isdigit() and int(chosen) and address:
                    rule = f"{address}:{private}"
                    targets["tcp", int(chosen), LOOPBACK_IPV6] = Target(WITH_RULE, _short_id(container), rule)
    return targets


def _numbers(container: dict[str, Any], private: int) -> Iterator[int]:
    """Yield the numbers under which a container's port is published on all IPv4 addresses."""
    for port in container.get("Ports", []):
        if port["PrivatePort"] == private and port["Type"] == "tcp" and port.get("IP") == "0.0.0.0":
            yield port["PublicPort"]


def _address(container: dict[str, Any]) -> str:
    """Return an IPv4 address of the container; empty if it has none."""
    networks = container.get("NetworkSettings", {}).get("Networks", {})
    return next((networks[name]["IPAddress"] for name in sorted(networks) if networks[name].get("IPAddress")), "")


def _short_id(container: dict[str, Any]) -> str:
    return str(container["Id"][:12])
