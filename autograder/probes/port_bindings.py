"""The addresses and ports of the computer that lead into a container."""

from __future__ import annotations

from collections.abc import Iterable

from docker.models.containers import Container

from drydock.core.socket_address import before_port


def bindings(container: Container) -> set[tuple[str, int]]:
    """Every address and port of the computer that leads into it."""
    ports = container.attrs["NetworkSettings"].get("Ports") or {}
    return {(binding["HostIp"], int(binding["HostPort"])) for bound in ports.values() for binding in bound or ()}


def listed(bound: Iterable[tuple[str, int]]) -> str:
    """Return addresses and ports as Docker prints them: IPv4 first, and IPv6 in brackets."""
    return ", ".join(sorted(f"{before_port(address)}:{port}" for address, port in bound)) or "no port at all"
