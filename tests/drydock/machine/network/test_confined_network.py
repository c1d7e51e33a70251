"""A machine behind a wall: a Docker like any other for its owner, and nothing of this computer for what runs in it."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import APIError

from drydock.core.waiting import wait_for
from drydock.errors import PortTaken
from drydock.machine import Machine
from drydock.machine.isolation import backends, bubblewrap
from drydock.machine.network.confined_network import ConfinedSlirp
from drydock.machine.network.portfwd import free_port
from drydock.machine.network.slirp import Slirp
from tests.drydock.machine.isolation.test_backends import EACH
from tests.drydock.machine.test_machine import gone
from tests.machines import BUSYBOX, MINE, PYTHON, sweep

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=EACH)
def confined(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """One machine behind each of the walls for all tests here."""
    with pytest.MonkeyPatch.context() as change:
        change.setenv(backends.CHOICE, request.param)
        with Machine(memory_mb=768, confined=True) as machine:
            assert machine.home.settings().wall == request.param
            yield machine
    gone(machine.name)


@pytest.fixture
def behind(confined: Machine) -> Iterator[docker.DockerClient]:
    """Its owner's client; what a test made there is gone after it."""
    with closing(confined.client()) as client:
        yield client
        sweep(client)


def test_a_container_runs(behind: docker.DockerClient) -> None:
    """Docker is as real as anywhere."""
    assert behind.containers.run(BUSYBOX, ["echo", "hello"], remove=True) == b"hello\n"


def test_what_it_publishes_is_reached(confined: Machine, behind: docker.DockerClient) -> None:
    """Its owner comes in through the relay, again and again, and a large answer comes whole."""
    serve = "mkdir /site; head -c 3000000 /dev/zero > /site/big; exec httpd -f -p 80 -h /site"
    behind.containers.run(BUSYBOX, ["sh", "-c", serve], detach=True, labels=MINE, ports={"80/tcp": ("127.0.0.1", 8080)})
    host, port = confined.reach(8080)

    def answers() -> bool:
        try:
            return requests.get(f"http://{host}:{port}/big", timeout=10).content == bytes(3_000_000)
        except requests.RequestException:
            return False

    wait_for(answers, "the page", seconds=20, every=0.2)
    assert all(answers() for _ in range(10))


def test_who_comes_in_is_led_to_no_other_socket(confined: Machine, tmp_path: Path) -> None:
    """A kernel that was broken out of puts a link in the relay's place: what it leads to hears nothing."""
    relay = Path(confined.home.state()["sockets"]) / "in" / "relay"
    away = relay.rename(relay.with_name("away"))
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "other"))
        other.listen()
        other.settimeout(1)
        relay.symlink_to(tmp_path / "other")
        try:
            with socket.create_connection(("127.0.0.1", confined.home.settings().ports[0]), timeout=10) as line:
                assert line.recv(1) == b""
            with pytest.raises(TimeoutError):
                other.accept()
        finally:
            away.rename(relay)


def test_who_has_said_all_still_hears_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One half that ended leaves the other open, also when Python clears its memory of what nobody knows meanwhile."""

    async def forwarded(*_: object) -> int:
        return 1

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await reader.read()
        gc.collect()
        writer.write(b"heard " + said)
        writer.close()

    async def ask() -> bytes:
        slirp, port = ConfinedSlirp(tmp_path, bubblewrap, 0), free_port()
        async with await asyncio.start_unix_server(answer, str(tmp_path / "relay")):
            await slirp.forward("tcp", port, 80)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"all")
            writer.write_eof()
            heard = await reader.read()
            writer.close()
            slirp.stop()
            return heard

    monkeypatch.setattr(Slirp, "forward", forwarded)
    assert asyncio.run(ask()).endswith(b"\nall")


def test_udp_has_no_way_in() -> None:
    """It is refused in words, not lost."""
    with pytest.raises(RuntimeError, match="only TCP"):
        asyncio.run(ConfinedSlirp(Path("/nowhere"), bubblewrap, 0).forward("udp", 5353, 53))


def test_a_taken_port_is_told() -> None:
    """The listener on this computer finds out before anything is asked of slirp4netns."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken):
            asyncio.run(ConfinedSlirp(Path("/nowhere"), bubblewrap, 0).forward("tcp", taken.getsockname()[1], 80))


def test_there_is_no_way_out(behind: docker.DockerClient) -> None:
    """Not to this computer, not to a name server, not to the network it is in: also not from the machine itself."""
    everywhere = "10.0.2.2 10.0.2.3 1.1.1.1 169.254.169.254"
    look = f"for to in {everywhere}; do nc -w 2 $to 80 </dev/null && echo reached $to; done; true"
    assert b"reached" not in behind.containers.run(
        BUSYBOX, ["sh", "-c", look], network_mode="host", remove=True, stderr=True
    )


def test_it_can_mount_nothing_of_this_computer(behind: docker.DockerClient) -> None:
    """Even who is root in the machine finds no file system of the host's there to mount."""
    known = behind.containers.run(BUSYBOX, ["cat", "/proc/filesystems"], privileged=True, remove=True)
    assert b"ext4" in known
    assert b"hostfs" not in known


def test_the_daemon_keeps_some_of_everything(behind: docker.DockerClient) -> None:
    """Containers together may have neither all memory, nor all processes, nor all of the disk."""
    limits = {"/sys/fs/cgroup": {"bind": "/groups", "mode": "ro"}}
    group = "cat /groups/docker/pids.max /groups/docker/memory.max; df -m / | tail -n 1"
    said = behind.containers.run(BUSYBOX, ["sh", "-c", group], volumes=limits, remove=True).decode().split()
    assert said[0] == "2000"
    assert int(said[1]) < 700 << 20
    assert int(said[5]) < 4096


def test_the_submissions_requests_are_guarded(behind: docker.DockerClient) -> None:
    """Who asks over the machine's own socket gets what an assignment needs, and no privileged container."""
    socket_file = {"/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"}}
    ask = """
import http.client, json, socket, sys
line = http.client.HTTPConnection("docker")
line.sock = socket.socket(socket.AF_UNIX)
line.sock.connect("/var/run/docker.sock")
body = json.dumps({"Image": "drydock/busybox:1.37", "HostConfig": json.loads(sys.argv[1])})
line.request("POST", "/containers/create", body, {"Content-Type": "application/json"})
answer = line.getresponse()
print(answer.status, answer.read().decode())
"""
    said = []
    for wish in ({}, {"Privileged": True}):
        words = ["python3", "-c", ask, json.dumps(wish)]
        said.append(behind.containers.run(PYTHON, words, volumes=socket_file, remove=True, labels=MINE).decode())
    assert said[0].startswith("201 ")
    assert said[1].startswith("403 ")
    assert "no assignment needs privileged containers" in said[1]
    behind.containers.get(json.loads(said[0][4:])["Id"]).remove()


def test_its_owner_may_do_anything(behind: docker.DockerClient) -> None:
    """The guard knows the grader by the certificate."""
    assert behind.containers.run(BUSYBOX, ["echo", "root"], privileged=True, remove=True) == b"root\n"


def test_what_fails_is_told_as_ever(behind: docker.DockerClient) -> None:
    """An error of the daemon's comes through guard and relay as it is."""
    with pytest.raises(APIError, match="no-such-program"):
        behind.containers.run(BUSYBOX, ["/no-such-program"], remove=True)
