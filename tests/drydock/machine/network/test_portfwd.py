"""Port forwarding: the forwards of published ports, and a real machine."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from drydock.errors import PortTaken
from drydock.machine import Machine
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.published_ports import LOOPBACK, Port
from drydock.machine.network.slirp import Protocol, Slirp, free_port
from drydock.machine.ssh import ssh_command
from tests.machines import BUSYBOX, MINE, PYTHON

#: A published port is forwarded within a second; the rest allows for a busy computer.
_SOON = 60

#: A web server with its own host name as the page, and a UDP server that repeats each datagram.
_PAGE = ["sh", "-c", "mkdir /w; hostname > /w/index.html; exec httpd -f -h /w"]
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


class RecordingSlirp(Slirp):
    """slirp4netns that only records its forwards; ports in ``taken`` are used by another program."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))
        self.forwards: dict[int, tuple[Protocol, int, int]] = {}
        self.addresses: dict[int, str] = {}
        self.taken: set[int] = set()

    async def forward(self, protocol: Protocol, host_port: int, guest_port: int, *, address: str = "127.0.0.1") -> int:
        """Record a forward, unless the port is in use."""
        ports = [(forward[1], self.addresses[number]) for number, forward in self.forwards.items()]
        if host_port in self.taken or (host_port, address) in ports:
            raise PortTaken(host_port, protocol)
        number = max(self.forwards, default=0) + 1
        self.forwards[number] = (protocol, host_port, guest_port)
        self.addresses[number] = address
        return number

    async def remove_forward(self, number: int) -> None:
        """Remove the recorded forward."""
        del self.forwards[number], self.addresses[number]


class RecordingAgent(GuestAgent):
    """A guest agent that only records its requests."""

    def __init__(self) -> None:
        super().__init__()
        self.close()
        self.requests: list[tuple[str, ...]] = []

    async def ask(self, verb: str, *arguments: str, seconds: float = 10) -> str:
        """Record the request; refuse it for port 1, as for a port that is not published on loopback."""
        self.requests.append((verb, *arguments))
        if arguments[-1] == "1":
            raise RuntimeError("no rule for tcp 1")
        return ""


def test_forwards_follow_the_published_ports() -> None:
    """A newly published port is forwarded, a published port keeps its forward, and any other forward is removed."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({("tcp", 80, LOOPBACK): "0.0.0.0>a@1", ("udp", 53, LOOPBACK): "0.0.0.0>b@2"})
        first = dict(slirp.forwards)
        assert sorted(first.values()) == [("tcp", 80, 80), ("udp", 53, 53)]
        await ports.update({("tcp", 80, LOOPBACK): "0.0.0.0>a@1", ("udp", 53, LOOPBACK): "0.0.0.0>c@3"})
        assert slirp.forwards == first
        await ports.update({("tcp", 80, LOOPBACK): "0.0.0.0>a@1"})
        assert list(slirp.forwards.values()) == [("tcp", 80, 80)]
        assert [(row["port"], row["state"]) for row in ports.table()] == [(80, "open")]

    asyncio.run(main())


def test_a_port_on_loopback_gets_a_rule_for_each_address() -> None:
    """A port published on 127.0.0.1 needs a rule in the guest, and a new one when the container's address changes."""

    async def main() -> None:
        agent = RecordingAgent()
        ports = PortForwarder(RecordingSlirp(), agent)
        await ports.update({("tcp", 80, LOOPBACK): "127.0.0.1>a@1"})
        await ports.update({("tcp", 80, LOOPBACK): "127.0.0.1>a@1"})
        await ports.update({("tcp", 80, LOOPBACK): "127.0.0.1>a@2"})
        await ports.update({})
        assert agent.requests == [("open", "tcp", "80"), ("open", "tcp", "80"), ("close", "tcp", "80")]

    asyncio.run(main())


def test_a_conflict_is_reported_and_ends() -> None:
    """A port that another program uses is a conflict with a reason, and is forwarded once it is free."""

    async def main() -> None:
        slirp = RecordingSlirp()
        slirp.taken = {80}
        ports = PortForwarder(slirp, RecordingAgent())
        published: dict[Port, str] = {("tcp", 80, LOOPBACK): "0.0.0.0>a@1"}
        await ports.update(published)
        assert ports.has_conflicts
        (row,) = ports.table()
        assert row["state"] == "conflict"
        assert "Port 80/tcp" in row["why"]
        slirp.taken = set()
        await ports.update(published)
        assert ports.table() == [{"address": "127.0.0.1", "port": 80, "protocol": "tcp", "state": "open", "why": ""}]

    asyncio.run(main())


def test_a_conflict_ends_with_its_container() -> None:
    """When the container is removed, a conflict is removed too, and no forward has to be removed for it."""

    async def main() -> None:
        slirp = RecordingSlirp()
        slirp.taken = {80}
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({("tcp", 80, LOOPBACK): "0.0.0.0>a@1"})
        await ports.update({})
        assert not ports.has_conflicts
        assert ports.table() == []

    asyncio.run(main())


def test_a_port_is_forwarded_from_its_own_address() -> None:
    """A port published on 127.0.0.2 is forwarded from there, also after it was published on all addresses."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({("tcp", 80, LOOPBACK): "0.0.0.0>a@1"})
        await ports.update({("tcp", 80, "127.0.0.2"): "127.0.0.2>a@1"})
        assert list(slirp.addresses.values()) == ["127.0.0.2"]
        assert ports.table()[0]["address"] == "127.0.0.2"

    asyncio.run(main())


def test_a_port_on_two_addresses() -> None:
    """A port published on two loopback addresses is forwarded from both, and its rule stays until both are gone."""

    async def main() -> None:
        slirp, agent = RecordingSlirp(), RecordingAgent()
        ports = PortForwarder(slirp, agent)
        both: dict[Port, str] = {("tcp", 80, address): f"{address}>a@1" for address in (LOOPBACK, "127.0.0.2")}
        await ports.update(both)
        assert list(slirp.addresses.values()) == [row["address"] for row in ports.table()] == [LOOPBACK, "127.0.0.2"]
        await ports.update({port: target.replace("a@1", "a@2") for port, target in both.items()})
        assert [row["why"] for row in ports.table()] == ["", ""]
        agent.requests.clear()
        await ports.update({("tcp", 80, LOOPBACK): "127.0.0.1>a@2"})
        assert (list(slirp.addresses.values()), agent.requests) == ([LOOPBACK], [])
        await ports.update({})
        assert agent.requests == [("close", "tcp", "80")]

    asyncio.run(main())


def test_two_containers_with_one_port() -> None:
    """Of two containers that publish the same port on two loopback addresses, the second is reported as a conflict."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        first: dict[Port, str] = {("tcp", 80, LOOPBACK): "127.0.0.1>a@1"}
        second: dict[Port, str] = {("tcp", 80, "127.0.0.2"): "127.0.0.2>b@2"}
        await ports.update(first | second)
        assert [row["state"] for row in ports.table()] == ["open", "conflict"]
        assert "Another container of the machine, published on 127.0.0.1, has it." in ports.table()[1]["why"]
        await ports.remove_container("a")
        await ports.update(second)
        assert [(row["address"], row["state"]) for row in ports.table()] == [("127.0.0.2", "open")]

    asyncio.run(main())


def test_a_container_that_has_ended_has_no_forwards() -> None:
    """The forwards of one container are removed, before the list of containers is known."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update(
            {
                ("tcp", 80, LOOPBACK): "0.0.0.0>a@1",
                ("tcp", 81, LOOPBACK): "0.0.0.0>b@2",
                ("udp", 80, LOOPBACK): "0.0.0.0>a@1",
            }
        )
        await ports.remove_container("a")
        assert list(slirp.forwards.values()) == [("tcp", 81, 81)]

    asyncio.run(main())


def test_reach_uses_a_forward_or_adds_one() -> None:
    """A published port is reached under its own number; any other port gets a free one, the same at each call."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({("tcp", 80, LOOPBACK): "0.0.0.0>a@1"})
        assert await ports.reach("tcp", 80) == 80
        added = await ports.reach("tcp", 1)
        assert added > 1023
        assert await ports.reach("tcp", 1) == added
        assert len(slirp.forwards) == 2

    asyncio.run(main())


def test_a_preferred_port_in_use_is_replaced() -> None:
    """The preferred port is forwarded if it is free, and otherwise another one."""

    async def main() -> None:
        ports = PortForwarder(RecordingSlirp(), RecordingAgent())
        assert await ports.forward("tcp", 4000, 2376) == 4000
        assert await ports.forward("tcp", 4000, 2376) != 4000

    asyncio.run(main())


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_free_port_is_free(protocol: Protocol) -> None:
    """The port can be bound."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", free_port(protocol)))


def page(port: int, address: str = "127.0.0.1") -> str:
    """Return the page of a web server on this computer's loopback interface; empty while there is none."""
    try:
        with socket.create_connection((address, port), timeout=2) as connection:
            connection.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
            with connection.makefile("rb") as answer:
                return answer.read().decode().rpartition("\r\n\r\n")[2].strip()
    except OSError:
        return ""


def line_from(port: int, line: str) -> str:
    """Send a line to a server on this computer's loopback interface, and return its answer; empty without one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(f"{line}\n".encode())
            with connection.makefile() as answer:
                return answer.readline().strip()
    except OSError:
        return ""


def is_open(port: int, address: str = "127.0.0.1") -> bool:
    """Return whether a program listens on a port of this computer's loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def wait_for_page(port: int, container: Container) -> None:
    """Wait until a port of this computer leads to a container, whose page is its own short id."""
    wait_for(lambda: page(port) == container.short_id, "the container's page", seconds=_SOON)


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Listen on a port of this computer's loopback interface."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@pytest.mark.live
class TestSharedMachine:
    """With a real machine."""

    def serve(self, client: docker.DockerClient, bound: str | int | tuple[str, int] | None, **more: Any) -> Container:
        """Start a web server in a container and publish its port at ``bound``."""
        ports: Any = {"80/tcp": bound}
        return client.containers.run(BUSYBOX, _PAGE, ports=ports, detach=True, labels=MINE, **more)

    @pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
    def test_a_published_port_comes_and_goes(self, client: docker.DockerClient, address: str) -> None:
        """A published port is open on this computer's loopback interface until its container is removed."""
        port = free_port()
        container = self.serve(client, (address, port))
        wait_for_page(port, container)
        container.remove(force=True)
        wait_for(lambda: not is_open(port), "the port to close", seconds=_SOON)

    def test_a_burst(self, client: docker.DockerClient) -> None:
        """Of 200 connections at once each gets its own line back, and none waits for a repeated SYN."""
        port = free_port()
        container = client.containers.run(
            PYTHON, ["python3", "-c", _LINES], ports={"80/tcp": port}, detach=True, labels=MINE, ulimits=_MANY_FILES
        )
        wait_for(lambda: line_from(port, "ready") == "ready", "the server", seconds=_SOON)
        with ThreadPoolExecutor(200) as clients:
            lines = [f"line {number}" for number in range(200)]
            assert list(clients.map(partial(line_from, port), lines)) == lines
        container.remove(force=True)

    @pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
    def test_it_follows_a_restarted_container(self, client: docker.DockerClient, address: str) -> None:
        """After a restart the container may have another address, and the port still leads to it."""
        port = free_port()
        container = self.serve(client, (address, port))
        wait_for(lambda: page(port), "the page", seconds=_SOON)
        container.stop(timeout=0)
        other = self.serve(client, None)  # takes the address that is free now
        container.start()
        wait_for_page(port, container)
        container.restart(timeout=0)
        wait_for_page(port, container)
        other.remove(force=True)

    def test_a_port_of_dockers_choice(self, client: docker.DockerClient) -> None:
        """A port that Docker chose is open under the number that Docker reports."""
        container = self.serve(client, None)
        container.reload()
        (bound, *_) = container.ports["80/tcp"] or []
        wait_for_page(int(bound["HostPort"]), container)

    @pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
    def test_udp(self, client: docker.DockerClient, address: str) -> None:
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

        wait_for(answered, "an answer", seconds=_SOON)

    def test_a_port_in_use_on_this_computer(
        self, machine: Machine, client: docker.DockerClient, taken: socket.socket
    ) -> None:
        """The container runs, `status` has the conflict and its reason, and the port opens once it is free."""
        port = taken.getsockname()[1]
        container = self.serve(client, port)

        def row() -> dict[str, Any]:
            return next((row for row in machine.status().ports if row["port"] == port), {})

        wait_for(lambda: row().get("state") == "conflict", "the conflict", seconds=_SOON)
        assert f"Port {port}/tcp on this computer's 127.0.0.1 is already in use." in row()["why"]
        assert "ss -lntup" in row()["why"]
        taken.close()
        wait_for_page(port, container)
        wait_for(lambda: row()["state"] == "open", "the port's state to be open", seconds=_SOON)

    def test_other_ports_stay_closed(self, machine: Machine, client: docker.DockerClient) -> None:
        """Only published ports are forwarded, though another container listens on a port as well."""
        wait_for(lambda: machine.status().ports == [], "earlier tests' ports to close", seconds=_SOON)
        client.containers.run(BUSYBOX, _PAGE, detach=True, labels=MINE)
        port = free_port()
        self.serve(client, port)
        wait_for(lambda: page(port), "the published page", seconds=_SOON)
        assert [row["port"] for row in machine.status().ports] == [port]

    def test_one_loopback_address(self, client: docker.DockerClient) -> None:
        """A port published on 127.0.0.2 is open there and not on 127.0.0.1, and gone with its container."""
        port = free_port()
        container = self.serve(client, ("127.0.0.2", port))
        wait_for(lambda: page(port, "127.0.0.2") == container.short_id, "the page", seconds=_SOON)
        assert not is_open(port)
        container.remove(force=True)
        wait_for(lambda: not is_open(port, "127.0.0.2"), "the port to close", seconds=_SOON)

    def test_two_loopback_addresses(self, client: docker.DockerClient) -> None:
        """A port published on 127.0.0.1 and on 127.0.0.2 is open on both, until its container is removed."""
        port, addresses = free_port(), ("127.0.0.1", "127.0.0.2")
        ports: Any = {"80/tcp": [(address, port) for address in addresses]}
        container = client.containers.run(BUSYBOX, _PAGE, ports=ports, detach=True, labels=MINE)
        for address in addresses:
            wait_for(lambda: page(port, address) == container.short_id, f"the page of {address}", seconds=_SOON)  # noqa: B023
        container.remove(force=True)
        wait_for(lambda: not any(is_open(port, address) for address in addresses), "the ports to close", seconds=_SOON)

    def test_the_routing_mesh(self, client: docker.DockerClient) -> None:
        """A port that a service of a swarm publishes is open on this computer until the service is removed."""
        port = free_port()
        client.swarm.init(advertise_addr="10.0.2.100")
        try:
            published: Any = {port: 80}
            ports = docker.types.EndpointSpec(ports=published)
            create: Any = client.services.create
            service = create(BUSYBOX, _PAGE, endpoint_spec=ports, labels=MINE, container_labels=MINE)
            wait_for(lambda: page(port), "the service's page", seconds=_SOON)
            service.remove()
            wait_for(lambda: not is_open(port), "the port to close", seconds=_SOON)
        finally:
            client.swarm.leave(force=True)

    def test_reach_a_published_port(self, machine: Machine, client: docker.DockerClient) -> None:
        """On a machine that publishes ports, `reach` returns the published port itself."""
        port = free_port()
        self.serve(client, port)
        wait_for(lambda: page(port), "the page", seconds=_SOON)
        assert machine.reach(port) == ("127.0.0.1", port)


@pytest.mark.live
def test_ports_are_forwarded_after_the_daemon_restarts(machine: Machine) -> None:
    """After dockerd has ended and init has restarted it, a newly published port is forwarded as before."""
    subprocess.run(ssh_command(machine, ["kill", "$(cat /run/docker.pid)"]), check=True, timeout=60)
    with closing(machine.endpoint._client(10, "1.41")) as client:
        wait_for(lambda: not answers(client), "dockerd to end", seconds=60)
        wait_for(lambda: answers(client), "dockerd to restart", seconds=60, every=0.3)
        port = free_port()
        container = client.containers.run(BUSYBOX, _PAGE, ports={"80/tcp": port}, detach=True, labels=MINE)
        wait_for(lambda: page(port), "the page", seconds=_SOON)
        container.remove(force=True)


def answers(client: docker.DockerClient) -> bool:
    """Return whether the daemon answers."""
    try:
        return bool(client.ping())
    except Exception:
        return False
