"""Port forwarding: ports that containers publish in the machine are reachable on this computer's loopback interface.

A port that is published on one loopback address, such as 127.0.0.2, is forwarded from that address, and any other from
127.0.0.1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drydock.errors import PortTaken
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.slirp import Protocol, Slirp, free_port

__all__ = ["Forward", "Port", "PortForwarder", "free_port", "has_service", "published_ports", "service_ports"]

Port = tuple[Protocol, int]

_LOOPBACK = "127.0.0.1"
#: The label with its service's id that each container of a swarm has.
_SERVICE = "com.docker.swarm.service.id"


@dataclass
class Forward:
    """One published port: the number of its forward, or None and the reason why this computer's port is in use."""

    target: str
    host_port: int
    number: int | None = None
    conflict: str = ""

    @property
    def address(self) -> str:
        """The computer's address from which the port is forwarded."""
        return _address(self.target)


class PortForwarder:
    """Keeps the forwards equal to the ports that containers publish."""

    def __init__(self, slirp: Slirp, agent: GuestAgent) -> None:
        self._slirp = slirp
        self._agent = agent
        self._forwards: dict[Port, Forward] = {}
        self._reached: dict[Port, int] = {}
        self._lock = asyncio.Lock()

    @property
    def has_conflicts(self) -> bool:
        """Whether a published port can't be forwarded yet, because another program on this computer uses it."""
        return any(forward.number is None for forward in self._forwards.values())

    async def update(self, published: Mapping[Port, str]) -> None:
        """Add forwards for newly published ports and remove the others; ``published`` has each port's target.

        A target that begins with ``127.`` is published on the machine's loopback interface and needs a NAT rule in the
        guest.
        """
        async with self._lock:
            for port, old in list(self._forwards.items()):
                if port not in published or old.address != _address(published[port]):
                    await self._remove(port)
            for port, target in published.items():
                forward = self._forwards.get(port)
                if forward is None or forward.target != target or forward.number is None:
                    await self._add(port, target)

    async def remove_container(self, container: str) -> None:
        """Remove the forwards of the container with that id, which has ended."""
        async with self._lock:
            ended = f">{container[:12]}@"
            for port in [port for port, forward in self._forwards.items() if ended in forward.target]:
                await self._remove(port)

    async def reach(self, protocol: Protocol, port: int) -> int:
        """Return the port on this computer's 127.0.0.1 that leads to a port of the machine; forward one if needed."""
        async with self._lock:
            forward = self._forwards.get((protocol, port))
            if forward is not None and forward.number is not None and forward.address == _LOOPBACK:
                return forward.host_port
            # Each time: a container that was restarted has another address, and the old rule does not match it.
            await self._add_rule(protocol, port)
            if (protocol, port) not in self._reached:
                self._reached[protocol, port] = await self.forward(protocol, 0, port)
            return self._reached[protocol, port]

    async def forward(self, protocol: Protocol, preferred: int, guest_port: int) -> int:
        """Forward a free port of this computer, ``preferred`` if it is free, to the guest's port; return that port."""
        for attempt in range(20):
            port = preferred if preferred and attempt == 0 else free_port(protocol)
            try:
                await self._slirp.forward(protocol, port, guest_port)
            except PortTaken:
                continue
            return port
        raise PortTaken(preferred, protocol)

    def table(self) -> list[dict[str, Any]]:
        """Return each published port with its state: ``open``, or ``conflict`` and ``why``."""
        return [
            {
                "address": forward.address,
                "port": port,
                "protocol": protocol,
                "state": "conflict" if forward.number is None else "open",
                "why": forward.conflict,
            }
            for (protocol, port), forward in sorted(self._forwards.items())
        ]

    async def _add(self, key: Port, target: str) -> None:
        protocol, port = key
        if target.startswith("127."):
            await self._add_rule(protocol, port)
        forward = self._forwards.setdefault(key, Forward(target, port))
        forward.target = target
        if forward.number is None:
            try:
                forward.number = await self._slirp.forward(protocol, port, port, address=forward.address)
                forward.conflict = ""
            except PortTaken as error:
                forward.conflict = str(error)

    async def _remove(self, key: Port) -> None:
        forward = self._forwards.pop(key)
        if forward.number is not None:
            await self._slirp.remove_forward(forward.number)
        if forward.target.startswith("127."):
            await self._agent.ask("close", key[0], str(key[1]))

    async def _add_rule(self, protocol: Protocol, port: int) -> None:
        try:
            await self._agent.ask("open", protocol, str(port))
        except RuntimeError:
            return  # the port is not published on the machine's loopback interface, and needs no rule


def _address(target: str) -> str:
    bound = target.partition(">")[0]
    return bound if bound.startswith("127.") else _LOOPBACK


def published_ports(containers: list[dict[str, Any]]) -> dict[Port, str]:
    """Return the published ports in the daemon's list of containers, each with a target ``bound address>container``."""
    targets: dict[Port, str] = {}
    for container in containers:
        networks = container.get("NetworkSettings", {}).get("Networks", {}).values()
        addresses = ",".join(sorted(network.get("IPAddress", "") for network in networks))
        for port in container.get("Ports", []):
            bound = port.get("IP", "")
            if port.get("PublicPort") and ":" not in bound and port["Type"] in ("tcp", "udp"):
                targets[port["Type"], port["PublicPort"]] = f"{bound}>{container['Id'][:12]}@{addresses}"
    return targets


def has_service(containers: list[dict[str, Any]]) -> bool:
    """Return whether a container in the daemon's list belongs to a service of a swarm."""
    return any(_SERVICE in (container.get("Labels") or {}) for container in containers)


def service_ports(services: list[dict[str, Any]]) -> dict[Port, str]:
    """Return the ports of the routing mesh in the daemon's list of services, each with a target as published ports."""
    return {
        (port["Protocol"], port["PublishedPort"]): f"0.0.0.0>{service['ID'][:12]}@"
        for service in services
        for port in service.get("Endpoint", {}).get("Ports", [])
        if port.get("PublishMode") == "ingress" and port["Protocol"] in ("tcp", "udp")
    }
