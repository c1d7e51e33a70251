"""A port of a real machine is open on this computer as long as a container publishes it."""

from __future__ import annotations

import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.network.slirp import free_port
from drydock.machine.ssh import ssh_command
from tests.drydock.machine.network.web_server import SOON, page, serve, wait_for_page, wait_until_closed
from tests.machines import BUSYBOX, MINE, PYTHON

pytestmark = pytest.mark.live

#: A UDP server that repeats each datagram.
_ECHO = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 7))
while True:
    data, client = server.recvfrom(64)
    server.sendto(data + b" back", client)
"""
#: A server that repeats each connection's line after half a second.
_LINES = """
import asyncio
async def answer(reader, writer):
    line = await reader.readline()
    await asyncio.sleep(.5)
    writer.write(line)
    writer.close()
async def main():
    server = await asyncio.start_server(answer, "0.0.0.0", 80, backlog=1024)
    await server.serve_forever()
asyncio.run(main())
"""
_MANY_FILES = [docker.types.Ulimit(name="nofile", soft=4096, hard=4096)]


def line_from(port: int, line: str) -> str:
    """Send a line to a server on this computer's loopback interface, and return its answer; empty without one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(f"{line}\n".encode())
            with connection.makefile() as answer:
                return answer.readline().strip()
    except OSError:
        return ""


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_a_published_port_comes_and_goes(client: docker.DockerClient, address: str) -> None:
    """A published port is open on this computer's loopback interface until its container is removed."""
    port = free_port()
    container = serve(client, (address, port))
    wait_for_page(port, container)
    container.remove(force=True)
    wait_until_closed(port)


def test_a_burst(client: docker.DockerClient) -> None:
    """Of 200 connections at once each gets its own line back, and none waits for a repeated SYN."""
    port = free_port()
    container = client.containers.run(
        PYTHON, ["python3", "-c", _LINES], ports={"80/tcp": port}, detach=True, labels=MINE, ulimits=_MANY_FILES
    )
    wait_for(lambda: line_from(port, "ready") == "ready", "the server", seconds=SOON)
    with ThreadPoolExecutor(200) as clients:
        lines = [f"line {number}" for number in range(200)]
        assert list(clients.map(partial(line_from, port), lines)) == lines
    container.remove(force=True)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_it_follows_a_restarted_container(client: docker.DockerClient, address: str) -> None:
    """After a restart the container may have another address, and the port still leads to it."""
    port = free_port()
    container = serve(client, (address, port))
    wait_for(lambda: page(port), "the page", seconds=SOON)
    container.stop(timeout=0)
    other = serve(client, None)  # takes the address that is free now
    container.start()
    wait_for_page(port, container)
    container.restart(timeout=0)
    wait_for_page(port, container)
    other.remove(force=True)


def test_a_port_of_dockers_choice(client: docker.DockerClient) -> None:
    """A port that Docker chose is open under the number that Docker reports."""
    container = serve(client, None)
    container.reload()
    (bound, *_) = container.ports["80/tcp"] or []
    wait_for_page(int(bound["HostPort"]), container)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_udp(client: docker.DockerClient, address: str) -> None:
    """Datagrams reach the container, and its answers come back."""
    port = free_port("udp")
    ports: Any = {"7/udp": (address, port)}
    client.containers.run(PYTHON, ["python3", "-c", _ECHO], ports=ports, detach=True, labels=MINE)

    def answered() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.settimeout(0.5)
            connection.connect(("127.0.0.1", port))
            try:
                connection.send(b"there")
                return connection.recv(64) == b"there back"
            except OSError:
                return False

    wait_for(answered, "an answer", seconds=SOON)


def test_other_ports_stay_closed(machine: Machine, client: docker.DockerClient) -> None:
    """Only published ports are forwarded, though another container listens on a port as well."""
    wait_for(lambda: machine.status().ports == [], "earlier tests' ports to close", seconds=SOON)
    client.containers.run(BUSYBOX, ["httpd", "-f"], detach=True, labels=MINE)
    port = free_port()
    serve(client, port)
    wait_for(lambda: page(port), "the published page", seconds=SOON)
    assert {row["port"] for row in machine.status().ports} == {port}


def test_reach_a_published_port(machine: Machine, client: docker.DockerClient) -> None:
    """On a machine that publishes ports, `reach` returns the published port itself."""
    port = free_port()
    serve(client, port)
    wait_for(lambda: page(port), "the page", seconds=SOON)
    assert machine.reach(port) == ("127.0.0.1", port)


def test_ports_are_forwarded_after_the_daemon_restarts(machine: Machine) -> None:
    """After dockerd has ended and init has restarted it, a newly published port is forwarded as before."""
    subprocess.run(ssh_command(machine, ["kill", "$(cat /run/docker.pid)"]), check=True, timeout=60)
    with closing(machine.endpoint._client(10, "1.41")) as client:
        wait_for(lambda: not answers(client), "dockerd to end", seconds=60)
        wait_for(lambda: answers(client), "dockerd to restart", seconds=60, every=0.3)
        port = free_port()
        container = serve(client, port)
        wait_for(lambda: page(port), "the page", seconds=SOON)
        container.remove(force=True)


def answers(client: docker.DockerClient) -> bool:
    """Return whether the daemon answers."""
    try:
        return bool(client.ping())
    except Exception:
        return False
