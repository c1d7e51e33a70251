"""The TCP ports on which containers with ``--network host`` listen: the host of that network is the machine.

Docker doesn't list these ports. While such a container runs, the guest's ``agent`` is asked for the listening sockets
of containers' processes in the machine's own network namespace.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.published_ports import LOOPBACK_IPV6, Port, Target
from drydock.machine.network.slirp import GUEST, LOOPBACK

#: Ports of the machine itself, which are never forwarded: sshd, the Docker daemon, and the management of a swarm.
_OWN_PORTS = frozenset({22, 2376, 2377, 7946})
_LAST_PORT = 65535


def is_used(containers: list[dict[str, Any]]) -> bool:
    """Return whether a container in the daemon's list has the machine's own network."""
    return any(container.get("HostConfig", {}).get("NetworkMode") == "host" for container in containers)


async def listening(agent: GuestAgent) -> dict[Port, Target]:
    """Return the ports on which containers listen in the machine's network namespace, each with its target."""
    try:
        answer = await agent.ask("listeners")
    except RuntimeError:  # the agent on an older machine's disk doesn't know the request
        return {}
    return targets(answer)


def targets(answer: str) -> dict[Port, Target]:
    """Return the ports in the agent's answer: local addresses as in ``/proc/net/tcp``, such as ``0100007F:1F90``."""
    ports: dict[Port, Target] = {}
    for word in answer.split():
        address, _, port = word.partition(":")
        number = int(port, 16)
        if 0 < number <= _LAST_PORT and number not in _OWN_PORTS:
            ports |= {("tcp", number, own): Target(guest) for own, guest in _forwarded(_decoded(address))}
    return ports


def _forwarded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Iterator[tuple[str, str]]:
    """Yield the addresses of this computer at which a program would be reached here, and the guest's for each.

    slirp4netns can't reach a program in the guest that listens on ::1 alone.
    """
    if address.version == 4 and address.is_loopback:
        yield str(address), str(address)
    if address.is_unspecified:
        yield LOOPBACK, GUEST
        if address.version == 6:
            yield LOOPBACK_IPV6, GUEST


def _decoded(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address in one of the kernel's tables: words of four bytes, each with the last byte first."""
    words = [bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8)]
    decoded = ipaddress.ip_address(b"".join(words))
    mapped = decoded.ipv4_mapped if decoded.version == 6 else None
    return mapped or decoded
