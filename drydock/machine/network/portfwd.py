"""Port forwarding: ports that containers publish in the machine are reachable on this computer's loopback interface.

A port that is published on one loopback address, such as 127.0.0.2, is forwarded from that address, and any other from
127.0.0.1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from drydock.errors import PortTaken
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.published_ports import LOOPBACK, Port
from drydock.machine.network.slirp import Protocol, Slirp, free_port

__all__ = ["Forward", "PortForwarder", "free_port"]


@dataclass
class Forward:
    """One published port: the number of its forward, or None and the reason why this computer's port is in use."""

    #: Its target in :mod:`~drydock.machine.network.published_ports`.
    target: str
    number: int | None = None
    conflict: str = ""

    @property
    def container(self) -> str:
        """The id of the container to which the port leads."""
        return self.target.partition(">")[2].partition("@")[0]

    @property
    def has_rule(self) -> bool:
        """Whether the port is published on the machine's loopback interface, and needs a NAT rule in the guest."""
        return self.target.startswith("127.")


class PortForwarder:
    """Keeps the forwards equal to the ports that containers publish."""

    def __init__(self, slirp: Slirp, agent: GuestAgent) -> None:
        self._slirp = slirp
        self._agent = agent
        self._forwards: dict[Port, Forward] = {}
        #: The ports of this computer that :meth:`reach` has forwarded.
        self._reached: dict[tuple[Protocol, int], int] = {}
        self._lock = asyncio.Lock()

    @property
    def has_conflicts(self) -> bool:
        """Whether a published port can't be forwarded yet, because another program on this computer uses it."""
        return any(forward.number is None for forward in self._forwards.values())

    async def update(self, published: Mapping[Port, str]) -> None:
        """Add forwards for newly published ports and remove the others; ``published`` has each port's target."""
        async with self._lock:
            for port in [port for port in self._forwards if port not in published]:
                await self._remove(port)
            changed = [port for port in published if not self._is_current(port, published[port])]
            for port in changed:
                self._forwards.setdefault(port, Forward("")).target = published[port]
            for port in changed:
                await self._add(port)

    async def remove_container(self, container: str) -> None:
        """Remove the forwards of the container with that id, which has ended."""
        async with self._lock:
            ended = f">{container[:12]}@"
            for port in [port for port, forward in self._forwards.items() if ended in forward.target]:
                await self._remove(port)

    async def reach(self, protocol: Protocol, port: int) -> int:
        """Return the port on this computer's 127.0.0.1 that leads to a port of the machine; forward one if needed."""
        async with self._lock:
            forward = self._forwards.get((protocol, port, LOOPBACK))
            if forward is not None and forward.number is not None:
                return port
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
                "address": address,
                "port": port,
                "protocol": protocol,
                "state": "conflict" if forward.number is None else "open",
                "why": forward.conflict,
            }
            for (protocol, port, address), forward in sorted(self._forwards.items(), key=itemgetter(0))
        ]

    def _is_current(self, key: Port, target: str) -> bool:
        forward = self._forwards.get(key)
        return forward is not None and forward.target == target and forward.number is not None

    async def _add(self, key: Port) -> None:
        (protocol, port, address), forward = key, self._forwards[key]
        try:
            if forward.has_rule:
                self._check_container(key)
                await self._add_rule(protocol, port)
            if forward.number is None:
                forward.number = await self._slirp.forward(protocol, port, port, address=address)
                forward.conflict = ""
        except PortTaken as error:
            forward.conflict = str(error)

    async def _remove(self, key: Port) -> None:
        forward = self._forwards.pop(key)
        if forward.number is not None:
            await self._slirp.remove_forward(forward.number)
        if forward.has_rule and not self._with_same_rule(key):
            await self._agent.ask("close", key[0], str(key[1]))

    def _with_same_rule(self, key: Port) -> dict[Port, Forward]:
        """Return the forwards of the same port from other addresses: the guest has one rule for all of them."""
        others = {other: forward for other, forward in self._forwards.items() if other != key}
        return {other: forward for other, forward in others.items() if other[:2] == key[:2] and forward.has_rule}

    def _check_container(self, key: Port) -> None:
        """Raise :class:`PortTaken` when the guest's rule leads to another container."""
        protocol, port, address = key
        for (_, _, other_address), forward in self._with_same_rule(key).items():
            if forward.number is not None and forward.container != self._forwards[key].container:
                program = f"Another container of the machine, published on {other_address},"
                raise PortTaken(port, protocol, program, address=address)

    async def _add_rule(self, protocol: Protocol, port: int) -> None:
        try:
            await self._agent.ask("open", protocol, str(port))
        except RuntimeError:
            return  # the port is not published on the machine's loopback interface, and needs no rule
