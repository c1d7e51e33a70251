"""Asking a port of the host, with patience: on a machine, a published port appears a moment later."""

from __future__ import annotations

import socket
from http.client import HTTPConnection, HTTPException

from drydock.core.waiting import wait_for

_SECONDS = 20.0
_REASON = "No web server answers there. `docker ps` lists the containers that run, and the ports that they publish."


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a web server answers at a port now."""
    return _page(port, host) is not None


def fetch(port: int, host: str = "127.0.0.1") -> str:
    """Return the page at a port; wait up to 20 seconds until something answers.

    Raises :class:`~drydock.errors.TimedOut` when nothing does.
    """
    awaited = f"an answer at port {port}"
    page: str = wait_for(lambda: _page(port, host), awaited, seconds=_SECONDS, details=lambda: _REASON)
    return page


def ask_udp(port: int, data: bytes, host: str = "127.0.0.1") -> bytes:
    """Send a UDP packet again and again until an answer comes, for up to 20 seconds, and return the answer."""
    answer: bytes = wait_for(lambda: _exchange(port, data, host), f"an answer by UDP at port {port}", seconds=_SECONDS)
    return answer


def _page(port: int, host: str) -> str | None:
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read(1 << 20).decode(errors="replace")
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _exchange(port: int, data: bytes, host: str) -> bytes | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        try:
            client.sendto(data, (host, port))
            return client.recv(65536)
        except OSError:
            return None
