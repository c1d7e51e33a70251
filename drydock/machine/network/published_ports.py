"""The ports that a machine's containers and services publish, as its daemon lists them.

Each has a target, ``bound address>container@addresses of the container``, which changes when the port must be forwarded
anew.
"""

from __future__ import annotations

from typing import Any

from drydock.machine.network.slirp import Protocol

#: A published port: protocol, number, and the address of this computer from which it is forwarded.
Port = tuple[Protocol, int, str]

LOOPBACK = "127.0.0.1"
#: The label with its service's id that each container of a swarm has.
_SERVICE = "com.docker.swarm.service.id"


def of_containers(containers: list[dict[str, Any]]) -> dict[Port, str]:
    """Return the published ports in the daemon's list of containers, each with its target."""
    targets: dict[Port, str] = {}
    for container in containers:
        networks = container.get("NetworkSettings", {}).get("Networks", {}).values()
        addresses = ",".join(sorted(network.get("IPAddress", "") for network in networks))
        for port in container.get("Ports", []):
            bound = port.get("IP", "")
            if port.get("PublicPort") and ":" not in bound and port["Type"] in ("tcp", "udp"):
                key = (port["Type"], port["PublicPort"], _address(bound))
                targets[key] = f"{bound}>{container['Id'][:12]}@{addresses}"
    return targets


def has_service(containers: list[dict[str, Any]]) -> bool:
    """Return whether a container in the daemon's list belongs to a service of a swarm."""
    return any(_SERVICE in (container.get("Labels") or {}) for container in containers)


def of_services(services: list[dict[str, Any]]) -> dict[Port, str]:
    """Return the ports of the routing mesh in the daemon's list of services, each with its target."""
    return {
        (port["Protocol"], port["PublishedPort"], LOOPBACK): f"0.0.0.0>{service['ID'][:12]}@"
        for service in services
        for port in service.get("Endpoint", {}).get("Ports", [])
        if port.get("PublishMode") == "ingress" and port["Protocol"] in ("tcp", "udp")
    }


def _address(bound: str) -> str:
    """Return the computer's address from which a port is forwarded that is published on an address of the machine."""
    return bound if bound.startswith("127.") else LOOPBACK
