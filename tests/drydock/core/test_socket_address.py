"""Addresses before a port."""

from __future__ import annotations

from drydock.core.socket_address import before_port


def test_only_ipv6_has_brackets() -> None:
    """Its colons are not mistaken for that in front of the port."""
    assert [before_port(host) for host in ("::1", "127.0.0.1", "example.org")] == ["[::1]", "127.0.0.1", "example.org"]
