"""Addresses as they are written before a port."""

from __future__ import annotations


def before_port(host: str) -> str:
    """Return a host as it stands before a colon and a port: an IPv6 address in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host else host
