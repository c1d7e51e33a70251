"""A web server in a container of a machine, and what reaches it at this computer's loopback addresses."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from drydock.machine.network.listener import address_family
from tests.machines import BUSYBOX, MINE

#: A published port is forwarded within a second; the rest allows for a busy computer.
SOON = 60
#: A web server with its own host name as the page.
PAGE = ["sh", "-c", "mkdir /w; hostname > /w/index.html; exec httpd -f -h /w"]


def has_ipv6() -> bool:
    """Return whether this computer has the address ::1."""
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this computer has no address ::1")


def serve(client: docker.DockerClient, bound: Any, **more: Any) -> Container:
    """Start a web server in a container and publish its port at ``bound``, as docker-py takes it."""
    ports: Any = {"80/tcp": bound}
    return client.containers.run(BUSYBOX, PAGE, ports=ports, detach=True, labels=MINE, **more)


def page(port: int, address: str = "127.0.0.1") -> str:
    """Return the page of a web server on this computer's loopback interface; empty while there is none."""
    try:
        with socket.create_connection((address, port), timeout=2) as connection:
            connection.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
            with connection.makefile("rb") as answer:
                return answer.read().decode().rpartition("\r\n\r\n")[2].strip()
    except OSError:
        return ""


def is_open(port: int, address: str = "127.0.0.1") -> bool:
    """Return whether a program listens on a port of this computer's loopback interface."""
    with socket.socket(address_family(address)) as probe:
        return probe.connect_ex((address, port)) == 0


def wait_for_page(port: int, container: Container, address: str = "127.0.0.1") -> None:
    """Wait until a port of this computer leads to a container, whose page is its own short id."""
    wait_for(lambda: page(port, address) == container.short_id, f"the page at {address}", seconds=SOON)


def wait_until_closed(port: int, address: str = "127.0.0.1") -> None:
    """Wait until no program listens on a port of this computer."""
    wait_for(lambda: not is_open(port, address), f"the port at {address} to close", seconds=SOON)
