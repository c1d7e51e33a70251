"""Ports that containers publish in the machine, made reachable on this computer's 127.0.0.1."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drydock.errors import PortTaken
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.slirp import Protocol, Slirp

Port = tuple[Protocol, int]


@dataclass
class Forward:
    """One published port: its way in from this computer, or why there is none."""

    target: str
    host_port: int
    number: int | None = None
    why: str = ""


class PortForwarder:
    """Keeps the forwards equal to what the containers publish."""

    def __init__(self, slirp: Slirp, console: GuestAgent) -> None:
        self._slirp = slirp
        self._console = console
        self._open: dict[Port, Forward] = {}
        self._reached: dict[Port, int] = {}
        self._lock = asyncio.Lock()

    @property
    def contested(self) -> bool:
        """Whether a port is waiting for someone else on this computer to let go of it."""
        return any(forward.number is None for forward in self._open.values())

    async def follow(self, wanted: Mapping[Port, str]) -> None:
        """Open what is newly published, close what is gone; ``wanted`` tells each port's target.

        A target that begins with ``127.`` is published on the machine's loopback, which needs a rule in the guest.
        """
        async with self._lock:
            for port in [port for port in self._open if port not in wanted]:
                await self._close(port)
            for port, target in wanted.items():
                known = self._open.get(port)
                if known is None or known.target != target or known.number is None:
                    await self._renew(port, target)

    async def reach(self, protocol: Protocol, port: int) -> int:
        """The port on this computer's 127.0.0.1 that leads to that port of the machine."""
        async with self._lock:
            followed = self._open.get((protocol, port))
            if followed is not None and followed.number is not None:
                return followed.host_port
            # Asked each time: a container that came back has another address, and its rule is stale.
            await self._rule(protocol, port)
            if (protocol, port) not in self._reached:
                self._reached[protocol, port] = await self.forward(protocol, 0, port)
            return self._reached[protocol, port]

    async def forward(self, protocol: Protocol, preferred: int, guest_port: int) -> int:
        """Lead a free port of this computer, ``preferred`` if that is free, to the guest's port; the port."""
        for attempt in range(20):
            port = preferred if preferred and attempt == 0 else free_port(protocol)
            try:
                await self._slirp.forward(protocol, port, guest_port)
            except PortTaken:
                continue
            return port
        raise PortTaken(preferred, protocol)

    def table(self) -> list[dict[str, Any]]:
        """Every followed port with its state: ``open`` or ``conflict`` and why."""
        return [
            {
                "port": port,
                "protocol": protocol,
                "state": "conflict" if forward.number is None else "open",
                "why": forward.why,
            }
            for (protocol, port), forward in sorted(self._open.items())
        ]

    async def _renew(self, key: Port, target: str) -> None:
        protocol, port = key
        if target.startswith("127."):
            await self._rule(protocol, port)
        forward = self._open.setdefault(key, Forward(target, port))
        forward.target = target
        if forward.number is None:
            try:
                forward.number, forward.why = await self._slirp.forward(protocol, port, port), ""
            except PortTaken as taken:
                forward.why = str(taken)

    async def _close(self, key: Port) -> None:
        forward = self._open.pop(key)
        if forward.number is not None:
            await self._slirp.unforward(forward.number)
        if forward.target.startswith("127."):
            await self._console.ask("close", key[0], str(key[1]))

    async def _rule(self, protocol: Protocol, port: int) -> None:
        try:
            await self._console.ask("open", protocol, str(port))
        except RuntimeError:
            return  # not published on loopback there: the plain forward does


def free_port(protocol: Protocol = "tcp") -> int:
    """A port of this computer's 127.0.0.1 that nobody holds at this moment."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def published(containers: list[dict[str, Any]]) -> dict[Port, str]:
    """What Docker's list of containers says is published: port to ``bound address>container``."""
    wanted: dict[Port, str] = {}
    for container in containers:
        networks = container.get("NetworkSettings", {}).get("Networks", {}).values()
        addresses = ",".join(sorted(network.get("IPAddress", "") for network in networks))
        for port in container.get("Ports", []):
            bound = port.get("IP", "")
            if port.get("PublicPort") and ":" not in bound and port["Type"] in ("tcp", "udp"):
                wanted[port["Type"], port["PublicPort"]] = f"{bound}>{container['Id'][:12]}@{addresses}"
    return wanted
