"""A network helper and a guest agent that only record what they are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from drydock.errors import PortNotForwarded, PortTaken
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.slirp import GUEST, LOOPBACK, Protocol, Slirp


class Recorded(NamedTuple):
    """A forward: from a port of one of this computer's addresses to a port of one of the guest's."""

    protocol: Protocol
    address: str
    port: int
    guest_address: str
    guest_port: int


class RecordingSlirp(Slirp):
    """slirp4netns that only records its forwards; ports in ``taken`` are used by another program."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))
        self.forwards: dict[int, Recorded] = {}
        self.taken: set[int] = set()
        #: Addresses that this computer doesn't have.
        self.missing: set[str] = set()

    async def forward(
        self,
        protocol: Protocol,
        host_port: int,
        guest_port: int,
        *,
        address: str = LOOPBACK,
        guest_address: str = GUEST,
    ) -> int:
        """Record a forward, unless the port is in use."""
        if address in self.missing:
            raise PortNotForwarded(host_port, protocol, address, "no such address")
        if host_port in self.taken or (protocol, address, host_port) in [row[:3] for row in self.forwards.values()]:
            raise PortTaken(host_port, protocol, address=address)
        number = max(self.forwards, default=0) + 1
        self.forwards[number] = Recorded(protocol, address, host_port, guest_address, guest_port)
        return number

    async def remove_forward(self, number: int) -> None:
        """Remove the recorded forward."""
        del self.forwards[number]

    def rows(self) -> list[Recorded]:
        """Return the forwards in the order in which they were added."""
        return list(self.forwards.values())


class RecordingAgent(GuestAgent):
    """A guest agent that records its requests; ``answers`` has its answers, or errors, by the request's verb."""

    def __init__(self, **answers: str | Exception) -> None:
        super().__init__()
        self.close()
        self.answers = answers
        self.requests: list[tuple[str, ...]] = []

    async def ask(self, verb: str, *arguments: str, seconds: float = 10) -> str:
        """Record the request and return its answer, or raise its error."""
        self.requests.append((verb, *arguments))
        answer = self.answers.get(verb, "")
        if isinstance(answer, Exception):
            raise answer
        return answer
