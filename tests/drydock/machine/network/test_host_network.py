"""The ports on which containers listen in the machine's own network."""

from __future__ import annotations

import asyncio
import socket

import docker
import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.network import host_network
from drydock.machine.network.published_ports import Target
from drydock.machine.network.slirp import GUEST, free_port
from tests.drydock.machine.network.recorders import RecordingAgent
from tests.drydock.machine.network.web_server import SOON, is_open, needs_ipv6, page, wait_until_closed
from tests.machines import BUSYBOX, MINE


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("00000000:1F90", {"127.0.0.1": GUEST}),
        ("0100007F:1F90", {"127.0.0.1": "127.0.0.1"}),
        ("0200007F:1F90", {"127.0.0.2": "127.0.0.2"}),
        ("6402000A:1F90", {}),
        ("00000000000000000000000000000000:1F90", {"127.0.0.1": GUEST, "::1": GUEST}),
        ("0000000000000000FFFF00000100007F:1F90", {"127.0.0.1": "127.0.0.1"}),
        ("00000000000000000000000001000000:1F90", {}),
        ("00000000:0016", {}),
        ("00000000:0948", {}),
        ("00000000:FFFFF", {}),
    ],
)
def test_addresses_of_programs(address: str, expected: dict[str, str]) -> None:
    """A program is reached at this computer's loopback addresses as if it ran here; the machine's own ports are not.

    The last row but one is 2376, the Docker daemon's port.
    """
    assert host_network.targets(address) == {("tcp", 8080, own): Target(guest) for own, guest in expected.items()}


def test_several_programs() -> None:
    """Each word of the agent's answer is one socket, and an empty answer is none."""
    answer = asyncio.run(host_network.listening(RecordingAgent(listeners="00000000:0050 00000000:0051")))
    assert [port for _, port, _ in answer] == [80, 81]
    assert host_network.targets("") == {}


def test_an_older_agent() -> None:
    """An agent that doesn't know the request has no ports to forward."""
    agent = RecordingAgent(listeners=RuntimeError("unknown verb"))
    assert asyncio.run(host_network.listening(agent)) == {}


def test_the_mode_in_dockers_list() -> None:
    """Only a container with the network mode ``host`` makes the watcher ask."""
    assert host_network.is_used([{"HostConfig": {"NetworkMode": "bridge"}}, {"HostConfig": {"NetworkMode": "host"}}])
    assert not host_network.is_used([{"HostConfig": {"NetworkMode": "bridge"}}, {}])


def serve(client: docker.DockerClient, *options: str, sleep: bool = False) -> Container:
    """Start a web server in the machine's own network; ``sleep``: the container outlives the server."""
    server = f"httpd -f -h /w {' '.join(options)}"
    script = f"mkdir /w; echo page > /w/index.html; {f'{server} & sleep 600' if sleep else f'exec {server}'}"
    return client.containers.run(BUSYBOX, ["sh", "-c", script], network_mode="host", detach=True, labels=MINE)


@pytest.mark.live
class TestSharedMachine:
    """With a real machine."""

    @needs_ipv6
    def test_a_program_is_reached(self, machine: Machine, client: docker.DockerClient) -> None:
        """A program in the machine's own network is reached on 127.0.0.1 and ::1, and no other port is opened."""
        port = free_port()
        container = serve(client, "-p", str(port))
        for address in ("127.0.0.1", "::1"):
            wait_for(lambda: page(port, address) == "page", f"the page at {address}", seconds=SOON)  # noqa: B023
        assert {row["port"] for row in machine.status().ports} == {port}
        container.remove(force=True)
        wait_until_closed(port)

    def test_a_port_ends_with_its_program(self, client: docker.DockerClient) -> None:
        """A port is closed when the program ends, though its container still runs."""
        port = free_port()
        container = serve(client, "-p", f"127.0.0.1:{port}", sleep=True)
        wait_for(lambda: page(port) == "page", "the page", seconds=SOON)
        assert not is_open(port, "127.0.0.2")
        container.exec_run(["killall", "httpd"])
        wait_until_closed(port)
        container.remove(force=True)

    def test_another_program_of_this_computer(self, machine: Machine, client: docker.DockerClient) -> None:
        """A port that a program of this computer has is a conflict, as a published one is."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            container = serve(client, "-p", str(port))

            def conflict() -> str:
                rows = [row for row in machine.status().ports if row["port"] == port and row["state"] == "conflict"]
                return str(rows[0]["why"]) if rows else ""

            wait_for(conflict, "the conflict", seconds=SOON)
            assert f"Port {port}/tcp on this computer's 127.0.0.1 is already in use." in conflict()
        wait_for(lambda: page(port) == "page", "the page", seconds=SOON)
        container.remove(force=True)
