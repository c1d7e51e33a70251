"""Ports that containers publish: what Docker's list says, the bookkeeping, and the real thing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from drydock.errors import PortTaken
from drydock.machine import Machine
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network.portfwd import PortForwarder, free_port, published
from drydock.machine.network.slirp import Protocol, Slirp
from tests.machines import BUSYBOX, MINE, PYTHON

#: A port that is published appears within a second; the rest is patience with a busy computer.
_SOON = 8

#: Answers with its own name, over TCP as a page and over UDP as a line.
_PAGE = ["sh", "-c", "mkdir /w; hostname > /w/index.html; exec httpd -f -h /w"]
_ECHO = """
import socket
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind(("", 7))
while True:
    word, sender = line.recvfrom(64)
    line.sendto(word + b" back", sender)
"""


class Network(Slirp):
    """A network helper that only notes; ports in ``taken`` are somebody else's."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))
        self.open: dict[int, tuple[Protocol, int, int]] = {}
        self.taken: set[int] = set()

    async def forward(self, protocol: Protocol, host_port: int, guest_port: int) -> int:
        """Note it, unless the port is taken."""
        if host_port in self.taken or any(other[1] == host_port for other in self.open.values()):
            raise PortTaken(host_port, protocol)
        number = max(self.open, default=0) + 1
        self.open[number] = (protocol, host_port, guest_port)
        return number

    async def unforward(self, number: int) -> None:
        """Forget it."""
        del self.open[number]


class Guest(GuestAgent):
    """A guest that only notes what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.close()
        self.asked: list[tuple[str, ...]] = []

    async def ask(self, verb: str, *arguments: str, seconds: float = 10) -> str:
        """Note it; there is never a rule to repeat for port 1."""
        self.asked.append((verb, *arguments))
        if arguments[-1] == "1":
            raise RuntimeError("no rule for tcp 1")
        return ""


def listed(*ports: dict[str, Any], address: str = "172.17.0.2") -> list[dict[str, Any]]:
    """Docker's list of containers with one container that has these ports."""
    networks = {"bridge": {"IPAddress": address}}
    return [{"Id": "c" * 64, "Ports": list(ports), "NetworkSettings": {"Networks": networks}}]


def test_what_docker_says_is_published() -> None:
    """Ports bound to an IPv4 address count once each; unpublished ones, IPv6 twins and SCTP don't."""
    containers = listed(
        {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "0.0.0.0"},
        {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "::"},
        {"PrivatePort": 53, "PublicPort": 5353, "Type": "udp", "IP": "127.0.0.1"},
        {"PrivatePort": 9, "PublicPort": 9, "Type": "sctp", "IP": "0.0.0.0"},
        {"PrivatePort": 443, "Type": "tcp"},
    )
    where = "cccccccccccc@172.17.0.2"
    assert published(containers) == {("tcp", 8080): f"0.0.0.0>{where}", ("udp", 5353): f"127.0.0.1>{where}"}
    assert published([{"Id": "x", "Ports": []}]) == {}


def test_opened_once_and_closed() -> None:
    """What is newly published is opened, what stays is left alone, what is gone is closed."""

    async def story() -> None:
        network = Network()
        ports = PortForwarder(network, Guest())
        await ports.follow({("tcp", 80): "0.0.0.0>a@1", ("udp", 53): "0.0.0.0>b@2"})
        first = dict(network.open)
        assert sorted(first.values()) == [("tcp", 80, 80), ("udp", 53, 53)]
        await ports.follow({("tcp", 80): "0.0.0.0>a@1", ("udp", 53): "0.0.0.0>c@3"})
        assert network.open == first
        await ports.follow({("tcp", 80): "0.0.0.0>a@1"})
        assert list(network.open.values()) == [("tcp", 80, 80)]
        assert [(row["port"], row["state"]) for row in ports.table()] == [(80, "open")]

    asyncio.run(story())


def test_a_port_on_loopback_gets_a_rule_for_each_address() -> None:
    """What is published on 127.0.0.1 needs the guest's help, again when the container comes back elsewhere."""

    async def story() -> None:
        guest = Guest()
        ports = PortForwarder(Network(), guest)
        await ports.follow({("tcp", 80): "127.0.0.1>a@1"})
        await ports.follow({("tcp", 80): "127.0.0.1>a@1"})
        await ports.follow({("tcp", 80): "127.0.0.1>a@2"})
        await ports.follow({})
        assert guest.asked == [("open", "tcp", "80"), ("open", "tcp", "80"), ("close", "tcp", "80")]

    asyncio.run(story())


def test_a_conflict_is_told_and_ends() -> None:
    """A port that somebody else holds is a conflict with a reason until it is free; then it opens."""

    async def story() -> None:
        network = Network()
        network.taken = {80}
        ports = PortForwarder(network, Guest())
        wanted = {("tcp", 80): "0.0.0.0>a@1"}
        await ports.follow(wanted)  # type: ignore[arg-type]
        assert ports.contested is True
        (row,) = ports.table()
        assert row["state"] == "conflict"
        assert "Port 80/tcp" in row["why"]
        network.taken = set()
        await ports.follow(wanted)  # type: ignore[arg-type]
        assert ports.table() == [{"port": 80, "protocol": "tcp", "state": "open", "why": ""}]

    asyncio.run(story())


def test_a_conflict_that_goes_away_with_its_container() -> None:
    """Nothing was opened, so nothing is closed."""

    async def story() -> None:
        network = Network()
        network.taken = {80}
        ports = PortForwarder(network, Guest())
        await ports.follow({("tcp", 80): "0.0.0.0>a@1"})
        await ports.follow({})
        assert not ports.contested
        assert ports.table() == []

    asyncio.run(story())


def test_reach_takes_the_followed_port_or_one_of_its_own() -> None:
    """What is followed is reached where it is; anything else gets a free port, the same one each time."""

    async def story() -> None:
        network, guest = Network(), Guest()
        ports = PortForwarder(network, guest)
        await ports.follow({("tcp", 80): "0.0.0.0>a@1"})
        assert await ports.reach("tcp", 80) == 80
        own = await ports.reach("tcp", 1)
        assert own > 1023
        assert await ports.reach("tcp", 1) == own
        assert len(network.open) == 2

    asyncio.run(story())


def test_a_preferred_port_that_is_taken_is_replaced() -> None:
    """The endpoint keeps its port from start to start where it can, and takes another where it can't."""

    async def story() -> None:
        network = Network()
        ports = PortForwarder(network, Guest())
        assert await ports.forward("tcp", 4000, 2376) == 4000
        assert await ports.forward("tcp", 4000, 2376) != 4000

    asyncio.run(story())


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_free_port_is_free(protocol: Protocol) -> None:
    """It can be bound by whoever asked."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", free_port(protocol)))


def page(port: int) -> str:
    """What a web server on this computer's loopback answers; nothing while there is none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
            with line.makefile("rb") as answer:
                return answer.read().decode().rpartition("\r\n\r\n")[2].strip()
    except OSError:
        return ""


def is_open(port: int) -> bool:
    """Whether anything listens on a port of this computer's loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A socket that holds a port of this computer's loopback."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder


@pytest.mark.live
class TestShared:
    """With a real machine."""

    def serve(self, client: docker.DockerClient, bound: str | int | tuple[str, int] | None, **more: Any) -> Container:
        """A web server in a container, published there."""
        ports: Any = {"80/tcp": bound}
        return client.containers.run(BUSYBOX, _PAGE, ports=ports, detach=True, labels=MINE, **more)

    @pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
    def test_a_published_port_comes_and_goes(self, client: docker.DockerClient, address: str) -> None:
        """It appears on this computer's loopback at the same port, and goes with its container."""
        port = free_port()
        container = self.serve(client, (address, port))
        wait_for(lambda: page(port) == container.id[:12], "the page", seconds=_SOON)  # type: ignore[index]
        container.remove(force=True)
        wait_for(lambda: not is_open(port), "the port to go", seconds=_SOON)

    @pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
    def test_it_follows_a_container_that_comes_back(self, client: docker.DockerClient, address: str) -> None:
        """After a restart the container may have another address; the port still leads to it."""
        port = free_port()
        container = self.serve(client, (address, port))
        wait_for(lambda: page(port), "the page", seconds=_SOON)
        container.stop(timeout=0)
        squatter = self.serve(client, None)  # takes the address that has become free
        container.start()
        wait_for(lambda: page(port) == container.id[:12], "its page", seconds=_SOON)  # type: ignore[index]
        container.restart(timeout=0)
        wait_for(lambda: page(port) == container.id[:12], "its page again", seconds=_SOON)  # type: ignore[index]
        squatter.remove(force=True)

    def test_a_port_of_dockers_choice(self, client: docker.DockerClient) -> None:
        """A port that Docker chose is there under the number that Docker tells."""
        container = self.serve(client, None)
        container.reload()
        (bound, *_) = container.ports["80/tcp"] or []
        port = int(bound["HostPort"])
        wait_for(lambda: page(port) == container.id[:12], "the page", seconds=_SOON)  # type: ignore[index]

    @pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
    def test_udp(self, client: docker.DockerClient, address: str) -> None:
        """Datagrams go there and back."""
        port = free_port("udp")
        ports: Any = {"7/udp": (address, port)}
        client.containers.run(PYTHON, ["python3", "-c", _ECHO], ports=ports, detach=True, labels=MINE)

        def answered() -> bool:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
                line.settimeout(0.5)
                line.connect(("127.0.0.1", port))
                try:
                    line.send(b"there")
                    return line.recv(64) == b"there back"
                except OSError:
                    return False

        wait_for(answered, "an answer", seconds=_SOON)

    def test_a_port_that_is_taken_here(
        self, machine: Machine, client: docker.DockerClient, taken: socket.socket
    ) -> None:
        """The container runs, `status` tells of the conflict and why, and the port opens by itself once it is free."""
        port = taken.getsockname()[1]
        container = self.serve(client, port)

        def row() -> dict[str, Any]:
            return next((row for row in machine.status().ports if row["port"] == port), {})

        wait_for(lambda: row().get("state") == "conflict", "the conflict", seconds=_SOON)
        assert f"Port {port}/tcp on this computer's 127.0.0.1 is taken." in row()["why"]
        assert "ss -lntup" in row()["why"]
        taken.close()
        wait_for(lambda: page(port) == container.id[:12], "the page", seconds=_SOON)  # type: ignore[index]
        wait_for(lambda: row()["state"] == "open", "the port to be told open", seconds=_SOON)

    def test_the_rest_stays_closed(self, machine: Machine, client: docker.DockerClient) -> None:
        """A port that nobody publishes is not to be found here, even when something listens in the container."""
        wait_for(lambda: machine.status().ports == [], "the ports of tests before this to go", seconds=_SOON)
        client.containers.run(BUSYBOX, _PAGE, detach=True, labels=MINE)
        seen = free_port()
        self.serve(client, seen)
        wait_for(lambda: page(seen), "the page of one that is published", seconds=_SOON)
        assert [row["port"] for row in machine.status().ports] == [seen]

    def test_reach_a_followed_port(self, machine: Machine, client: docker.DockerClient) -> None:
        """On a machine that publishes, `reach` gives the published port itself."""
        port = free_port()
        self.serve(client, port)
        wait_for(lambda: page(port), "the page", seconds=_SOON)
        assert machine.reach(port) == ("127.0.0.1", port)


@pytest.mark.live
def test_ports_are_followed_after_the_daemon_restarts(machine: Machine) -> None:
    """When dockerd itself ends and comes back, what is published from then on appears as before."""
    from drydock.machine.ssh import ssh_command
    from tests.drydock.machine.test_ssh import told

    told(ssh_command(machine, ["kill", "$(cat /run/docker.pid)"]))
    with closing(machine.endpoint._client(10, "1.41")) as client:
        wait_for(lambda: not alive(client), "dockerd to end", seconds=30)
        wait_for(lambda: alive(client), "dockerd to come back", seconds=60, every=0.3)
        port = free_port()
        serve = client.containers.run(BUSYBOX, _PAGE, ports={"80/tcp": port}, detach=True, labels=MINE)
        wait_for(lambda: page(port), "the page", seconds=_SOON)
        serve.remove(force=True)


def alive(client: docker.DockerClient) -> bool:
    """Whether the daemon answers."""
    try:
        return bool(client.ping())
    except Exception:
        return False
