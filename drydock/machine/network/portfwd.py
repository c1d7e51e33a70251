"""Port forwarding: ports that containers publish in the machine are reachable on this computer's loopback interface.

A forward from 127.0.0.2 leads to the guest's own 127.0.0.2, so Docker's rules in the guest distinguish the ports of one
number on several addresses, as on any computer. The guest needs a rule of ours for a port on ::1 only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from drydock.errors import DrydockError, PortNotForwarded, PortTaken
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.published_ports import Port, Target
from drydock.machine.network.slirp import GUEST, LOOPBACK, Protocol, Slirp, free_port


@dataclass
class Forward:
    """One published port: the number of its forward, or None and the error that prevents it."""

    target: Target
    number: int | None = None
    error: DrydockError | None = None

    @property
    def state(self) -> str:
        """``open``; ``conflict``, if another program has the port; ``failed``, if it can't be forwarded at all."""
        if self.number is not None:
            return "open"
        return "failed" if isinstance(self.error, PortNotForwarded) else "conflict"


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
        return any(forward.state == "conflict" for forward in self._forwards.values())

    async def update(self, published: Mapping[Port, Target]) -> None:
        """Add forwards for newly published ports and remove the others; ``published`` has each port's target."""
        async with self._lock:
            for port in [port for port in self._forwards if not self._is_kept(port, published.get(port))]:
                await self._remove(port)
            for port, target in published.items():
                await self._add(port, target)

    async def remove_container(self, container: str) -> None:
        """Remove the forwards of the container with that id, which has ended."""
        async with self._lock:
            forwards = self._forwards.items()
            for port in [port for port, forward in forwards if forward.target.container == container[:12]]:
                await self._remove(port)

    async def reach(self, protocol: Protocol, port: int) -> int:
        """Return the port on this computer's 127.0.0.1 that leads to a port of the machine; forward one if needed."""
        async with self._lock:
            forward = self._forwards.get((protocol, port, LOOPBACK))
            if forward is not None and forward.number is not None:
                return port
            if (protocol, port) not in self._reached:
                self._reached[protocol, port] = await self.forward(protocol, 0, port, guest_address=LOOPBACK)
            return self._reached[protocol, port]

    async def forward(self, protocol: Protocol, preferred: int, guest_port: int, *, guest_address: str = GUEST) -> int:
        """Forward a free port of this computer, ``preferred`` if it is free, to the guest's port; return that port."""
        for attempt in range(20):
            port = preferred if preferred and attempt == 0 else free_port(protocol)
            try:
                await self._slirp.forward(protocol, port, guest_port, guest_address=guest_address)
            except PortTaken:
                continue
            return port
        raise PortTaken(preferred, protocol)

    def table(self) -> list[dict[str, Any]]:
        """Return each published port with its state, see :class:`Forward`, and ``why`` if it isn't open."""
        return [
            {
                "address": address,
                "port": port,
                "protocol": protocol,
                "state": forward.state,
                "why": str(forward.error) if forward.error else "",
            }
            for (protocol, port, address), forward in sorted(self._forwards.items(), key=itemgetter(0))
        ]

    def _is_kept(self, port: Port, target: Target | None) -> bool:
        """Return whether a forward stays as it is: a container that was started again may have another address."""
        old = self._forwards[port].target
        return target is not None and (old.address, old.rule) == (target.address, target.rule)

    async def _add(self, key: Port, target: Target) -> None:
        forward = self._forwards.setdefault(key, Forward(target))
        forward.target = target
        if forward.number is None:
            try:
                forward.number, forward.error = await self._open(key, target), None
            except PortTaken as error:
                forward.error = error
            except PortNotForwarded as error:
                forward.error = error
                if not target.rule:  # published on all addresses, and this computer doesn't have this one of them
                    del self._forwards[key]

    async def _open(self, key: Port, target: Target) -> int:
        """Forward a port, add the guest's rule if one is needed, and return the forward's number."""
        protocol, port, address = key
        number = await self._slirp.forward(protocol, port, port, address=address, guest_address=target.address)
        if target.rule:
            try:
                await self._agent.ask("open", str(port), target.rule)
            except RuntimeError as error:  # the agent on an older machine's disk takes other arguments
                await self._slirp.remove_forward(number)
                raise PortNotForwarded(port, protocol, address, f"The machine answered: {error}") from None
            except OSError:  # a busy guest did not answer in time: the port is forwarded again later
                await self._slirp.remove_forward(number)
                raise
        return number

    async def _remove(self, key: Port) -> None:
        forward = self._forwards.pop(key)
        if forward.number is None:
            return
        await self._slirp.remove_forward(forward.number)
        if forward.target.rule:
            await self._agent.ask("close", str(key[1]))
