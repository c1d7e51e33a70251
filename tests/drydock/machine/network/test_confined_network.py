"""A confined machine: a Docker daemon like any other for its owner, without access to this computer for its code."""

from __future__ import annotations

import asyncio
import getpass
import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from docker.errors import APIError

from drydock.core.paths import LABEL, cache_folder, data_folder
from drydock.core.waiting import wait_for
from drydock.errors import PortTaken
from drydock.machine import Machine
from drydock.machine.isolation import backends, bubblewrap
from drydock.machine.network.confined_network import ConfinedSlirp
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.isolation.test_backends import EACH_BACKEND
from tests.drydock.machine.network.web_server import is_open
from tests.drydock.machine.test_machine import gone
from tests.machines import BUSYBOX, MINE, PYTHON, sweep

_BUBBLEWRAP, _CONTAINER = EACH_BACKEND
#: By night in the other backend, too.
_BACKENDS = [_BUBBLEWRAP, pytest.param(*_CONTAINER.values, marks=[*_CONTAINER.marks, pytest.mark.nightly])]


@pytest.fixture(scope="module", params=_BACKENDS)
def confined(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """Boot one machine in each isolation backend, for all tests here."""
    with pytest.MonkeyPatch.context() as change:
        change.setenv(backends.VARIABLE, request.param)
        with Machine(memory_mb=768, confined=True) as machine:
            assert machine.instance.settings().isolation == request.param
            yield machine
    gone(machine.name)


@pytest.fixture
def owner(confined: Machine) -> Iterator[docker.DockerClient]:
    """Connect as the machine's owner; remove what a test has created there."""
    with closing(confined.client()) as client:
        yield client
        sweep(client)


@pytest.mark.live
def test_a_container_runs(owner: docker.DockerClient) -> None:
    """A container runs and its output is returned, as with any Docker daemon."""
    assert owner.containers.run(BUSYBOX, ["echo", "hello"], remove=True) == b"hello\n"


@pytest.mark.live
def test_the_guest_sees_no_path_of_this_computer(confined: Machine, owner: docker.DockerClient) -> None:
    """The guest's root finds no folder, user or host name of this computer in the kernel's files and messages."""
    script = (
        "cat /proc/cmdline /proc/swaps /proc/cpuinfo /proc/1/mounts /proc/1/environ; uname -a; dmesg;"
        "find /sys -type f -readable -not -name trace_pipe -exec timeout 1 cat {} + 2>/dev/null; find /sys"
    )
    options: dict[str, Any] = {"privileged": True, "pid_mode": "host", "labels": MINE, "remove": True}
    output = owner.containers.run(BUSYBOX, ["sh", "-c", script], **options).decode(errors="replace")
    assert "ubd0=/machine/work/disk.cow,/machine/disk.img" in output
    assert "host\t\t: Linux machine " in output
    folders = {Path.home(), Path.cwd(), cache_folder(), data_folder(), Path(confined.instance.state()["sockets"])}
    words = {*map(str, folders), f"/{getpass.getuser()}"}
    # A word of its own: the guest has a device /dev/root.
    assert [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?=/)", output)] == []


@pytest.mark.live
def test_a_published_port_is_reached(confined: Machine, owner: docker.DockerClient) -> None:
    """The owner reaches a published port through the relay repeatedly, and a large answer is complete."""
    serve = "mkdir /site; head -c 3000000 /dev/zero > /site/big; exec httpd -f -p 80 -h /site"
    owner.containers.run(BUSYBOX, ["sh", "-c", serve], detach=True, labels=MINE, ports={"80/tcp": ("127.0.0.1", 8080)})
    host, port = confined.reach(8080)

    def answers() -> bool:
        try:
            return requests.get(f"http://{host}:{port}/big", timeout=10).content == bytes(3_000_000)
        except requests.RequestException:
            return False

    wait_for(answers, "the page", seconds=60, every=0.2)
    assert all(answers() for _ in range(10))


def in_guest(owner: docker.DockerClient, script: str) -> list[str]:
    """Return the lines that a script prints as root of the machine, outside of all containers."""
    words = ["nsenter", "-t", "1", "-m", "-n", "sh", "-c", script]
    options: dict[str, Any] = {"privileged": True, "pid_mode": "host", "labels": MINE, "remove": True}
    output: bytes = owner.containers.run(BUSYBOX, words, **options)
    return output.decode().splitlines()


@pytest.mark.live
def test_no_module_is_compiled_at_boot(owner: docker.DockerClient) -> None:
    """The proxy's modules, and Python's, are stored compiled on the base disk, and Python uses them."""
    folders = "/usr/lib/python3.13 /usr/lib/drydock/python"
    stored = in_guest(owner, f"find {folders} -name '*.pyc'")
    assert "/usr/lib/drydock/python/drydock/machine/guest/proxy/__pycache__/proxy_server.cpython-313.pyc" in stored
    assert in_guest(owner, f"find {folders} -name '*.pyc' -newer /run/hosts") == []


@pytest.mark.live
def test_a_link_in_place_of_the_relay_is_not_followed(confined: Machine, tmp_path: Path) -> None:
    """If code that escaped from the kernel replaces the relay's socket by a link, no connection follows that link."""
    relay = Path(confined.instance.state()["sockets"]) / "in" / "relay"
    moved = relay.rename(relay.with_name("moved"))
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "other"))
        other.listen()
        other.settimeout(1)
        relay.symlink_to(tmp_path / "other")
        try:
            endpoint = ("127.0.0.1", confined.instance.settings().ports[0])
            with socket.create_connection(endpoint, timeout=10) as connection:
                assert connection.recv(1) == b""
            with pytest.raises(TimeoutError):
                other.accept()
        finally:
            moved.rename(relay)


def test_udp_is_refused() -> None:
    """A UDP forward is an error with a reason."""
    with pytest.raises(RuntimeError, match="only be reached over TCP"):
        asyncio.run(ConfinedSlirp(Path("/nowhere"), bubblewrap, 0).forward("udp", 5353, 53))


def test_a_port_in_use_is_an_error() -> None:
    """A port that another program uses is an error before slirp4netns is asked for a forward."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken):
            asyncio.run(ConfinedSlirp(Path("/nowhere"), bubblewrap, 0).forward("tcp", taken.getsockname()[1], 80))


@pytest.mark.live
def test_no_connection_leads_out(owner: docker.DockerClient) -> None:
    """From the machine's own network, neither this computer nor a name server nor another address is reached."""
    addresses = "10.0.2.2 10.0.2.3 1.1.1.1 169.254.169.254"
    script = f"for to in {addresses}; do nc -w 2 $to 80 </dev/null && echo reached $to; done; true"
    assert b"reached" not in owner.containers.run(
        BUSYBOX, ["sh", "-c", script], network_mode="host", remove=True, stderr=True
    )


@pytest.mark.live
def test_no_port_is_opened_unasked(confined: Machine, owner: docker.DockerClient) -> None:
    """Neither a published port nor a port of the machine's own network is opened on this computer by itself."""
    ports = [free_port() for _ in range(3)]
    server = ["httpd", "-f", "-h", "/etc", "-p"]
    owner.containers.run(BUSYBOX, [*server, str(ports[0])], network_mode="host", detach=True, labels=MINE)
    published: Any = {"80/tcp": [("127.0.0.1", ports[1]), ("::1", ports[2])]}
    owner.containers.run(BUSYBOX, [*server, "80"], ports=published, detach=True, labels=MINE)
    script = f"until wget -q -O - 127.0.0.1:{ports[0]}/passwd; do sleep 0.1; done"
    assert b"root" in owner.containers.run(BUSYBOX, ["sh", "-c", script], network_mode="host", remove=True)
    assert confined.status().ports == []
    assert [port for port in ports for address in ("127.0.0.1", "::1") if is_open(port, address)] == []


@pytest.mark.live
def test_no_folder_of_this_computer_can_be_mounted(owner: docker.DockerClient) -> None:
    """The machine's kernel has no hostfs, so not even root in the machine can mount a folder of this computer."""
    file_systems = owner.containers.run(BUSYBOX, ["cat", "/proc/filesystems"], privileged=True, remove=True)
    assert b"ext4" in file_systems
    assert b"hostfs" not in file_systems


@pytest.mark.live
def test_the_guest_cannot_choose_the_exit_code(owner: docker.DockerClient) -> None:
    """The kernel has no /proc/exitcode, so a guest that ends by itself is not taken for a machine that was killed."""
    names = owner.containers.run(BUSYBOX, ["ls", "/proc"], privileged=True, remove=True).split()
    assert b"filesystems" in names
    assert b"exitcode" not in names


@pytest.mark.live
def test_resources_are_reserved_for_the_daemon(owner: docker.DockerClient) -> None:
    """All containers together get neither all memory, nor all processes, nor the whole disk."""
    volumes = {"/sys/fs/cgroup": {"bind": "/groups", "mode": "ro"}}
    script = "cat /groups/docker/pids.max /groups/docker/memory.max; df -m / | tail -n 1"
    output = owner.containers.run(BUSYBOX, ["sh", "-c", script], volumes=volumes, remove=True).decode().split()
    assert output[0] == "2000"
    assert int(output[1]) < 700 << 20
    assert int(output[5]) < 4096


@pytest.mark.live
def test_the_submissions_requests_are_checked(owner: docker.DockerClient) -> None:
    """Over the machine's own socket the notebook may create an ordinary container; nobody else may create any."""
    volumes = {"/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"}}
    script = """
import http.client, json, socket, sys
connection = http.client.HTTPConnection("docker")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect("/var/run/docker.sock")
body = json.dumps({"Image": "drydock/busybox:1.37", "HostConfig": json.loads(sys.argv[1])})
connection.request("POST", "/containers/create", body, {"Content-Type": "application/json"})
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""
    answers = []
    notebook = {LABEL: "autograder"}
    for labels, host_config in ((notebook, {}), (notebook, {"Privileged": True}), (MINE, {})):
        argv = ["python3", "-c", script, json.dumps(host_config)]
        answers.append(owner.containers.run(PYTHON, argv, volumes=volumes, remove=True, labels=labels).decode())
    assert answers[0].startswith("201 ")
    assert answers[1].startswith("403 ")
    assert "HostConfig.Privileged is not allowed" in answers[1]
    assert answers[2].startswith("403 ")
    assert "only the notebook" in answers[2]
    owner.containers.get(json.loads(answers[0][4:])["Id"]).remove()


@pytest.mark.live
def test_the_owner_may_do_anything(owner: docker.DockerClient) -> None:
    """The owner's requests, recognised by the TLS certificate, are not restricted."""
    assert owner.containers.run(BUSYBOX, ["echo", "root"], privileged=True, remove=True) == b"root\n"


@pytest.mark.live
def test_errors_of_the_daemon_are_unchanged(owner: docker.DockerClient) -> None:
    """An error of the daemon reaches the owner as with any Docker daemon."""
    with pytest.raises(APIError, match="no-such-program"):
        owner.containers.run(BUSYBOX, ["/no-such-program"], remove=True)
