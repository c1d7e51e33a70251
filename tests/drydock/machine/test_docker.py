"""Docker features that depend on the machine's kernel: limits, Swarm, IPv6, NAT; the same on both kernels."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import pytest
from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool, ServiceMode

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.artifacts import docker_cli
from drydock.machine.ssh import ssh_command
from tests.machines import BUSYBOX, MINE, PYTHON

pytestmark = pytest.mark.live

#: A program that uses half a second of CPU time and prints how long that took.
SPIN = "import time; a = time.monotonic(); b = time.process_time()\nwhile time.process_time() - b < .5: pass\n"
SPIN += "print(time.monotonic() - a)"


def test_the_memory_limit(client: docker.DockerClient) -> None:
    """A container that exceeds its memory limit is killed, and Docker reports OOMKilled.

    Of five containers, one is enough: containerd may send the event after the container's end, or lose it
    (containerd, pull request 12714).
    """
    assert any(_killed_for_its_memory(client) for _ in range(5))


def _killed_for_its_memory(client: docker.DockerClient) -> bool:
    container = client.containers.run(
        PYTHON, ["python3", "-c", "b'x' * (200 << 20)"], mem_limit="64m", memswap_limit="64m", detach=True, labels=MINE
    )
    assert container.wait()["StatusCode"] == 137
    container.reload()
    return container.attrs["State"]["OOMKilled"] is True


@pytest.mark.parametrize(
    ("command", "code"),
    [("no-such-program", 127), ("/no-such-file", 127), ("/etc/passwd", 126), ("/etc", 126), ("sh -c 'exit 3'", 3)],
)
def test_the_exit_code_of_docker_run(client: docker.DockerClient, machine: Machine, command: str, code: int) -> None:
    """A command that is missing gives 127, one that can't be executed 126, as with a computer's own Docker."""
    label = next(f"{name}={value}" for name, value in MINE.items())
    environment = os.environ | docker_cli.environment() | machine.endpoint.environment()
    argv = ["docker", "run", "--rm", "--label", label, BUSYBOX, *shlex.split(command)]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stderr


def test_the_exit_code_of_docker_exec(client: docker.DockerClient) -> None:
    """In a container that runs, both give 126, as with Docker 26 and runc."""
    container = client.containers.run(BUSYBOX, "sleep 600", detach=True, labels=MINE)
    codes = [container.exec_run(command).exit_code for command in ("no-such-program", "/etc/passwd", "true")]
    assert codes == [126, 126, 0]


def test_open_files_and_log_options(client: docker.DockerClient) -> None:
    """A container has the limit of open files that systemd gives to Docker, and no option that nobody asked for."""
    container = client.containers.run(BUSYBOX, ["sh", "-c", "ulimit -n"], detach=True, labels=MINE)
    container.wait()
    assert container.logs() == b"1048576\n"
    assert container.attrs["HostConfig"]["LogConfig"] == {"Type": "json-file", "Config": {}}


def test_a_weight_for_block_devices_is_left_out(client: docker.DockerClient) -> None:
    """The machine's kernel has no such weight; the container starts without it."""
    assert client.containers.run(BUSYBOX, "echo yes", blkio_weight=300, remove=True, labels=MINE) == b"yes\n"


def test_the_networks_prestart_hook(client: docker.DockerClient, machine: Machine) -> None:
    """The prestart hook that configures a container's network is our small program, not dockerd again, and it works."""
    container = client.containers.run(BUSYBOX, "sleep 600", detach=True, labels=MINE)
    file = f"/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/{container.id}/config.json"
    output = subprocess.run(ssh_command(machine, ["cat", file]), capture_output=True, check=True)
    [hook] = json.loads(output.stdout)["hooks"]["prestart"]
    assert (hook["path"], hook["args"][0]) == ("/usr/lib/drydock/network", "network")
    assert b"inet " in container.exec_run("ip -4 address show eth0").output


def test_a_limit_of_a_running_container(client: docker.DockerClient) -> None:
    """`docker update` changes the cgroup's limit."""
    container = client.containers.run(BUSYBOX, "sleep 600", mem_limit="32m", detach=True, labels=MINE)
    container.update(mem_limit="48m")
    assert container.exec_run("cat /sys/fs/cgroup/memory.max").output == b"%d\n" % (48 << 20)


def test_the_cpu_limit(client: docker.DockerClient) -> None:
    """Half a second of CPU time takes about a second on half a CPU."""
    seconds = client.containers.run(PYTHON, ["python3", "-c", SPIN], nano_cpus=5 * 10**8, remove=True, labels=MINE)
    assert float(seconds) > 0.9


def test_the_disk_limit(client: docker.DockerClient) -> None:
    """Writing 8 MB with a limit of 4 MB/s takes more than a second."""
    write = "dd if=/dev/zero of=/data/x bs=1M count=8 oflag=direct"
    container = client.containers.create(
        BUSYBOX, ["sh", "-c", write], labels=MINE, volumes=["/data"],
        device_write_bps=[{"Path": "/dev/ubda", "Rate": 4 << 20}],
    )  # fmt: skip
    began = time.monotonic()
    container.start()
    assert container.wait()["StatusCode"] == 0, container.logs()
    assert time.monotonic() - began > 1


def test_a_container_without_a_network(client: docker.DockerClient) -> None:
    """It has the interface lo alone, with either kernel: none for tunnels."""
    listed = client.containers.run(BUSYBOX, "ls /sys/class/net", network_mode="none", remove=True, labels=MINE)
    assert listed.split() == [b"lo"]


def test_a_network_with_ipv6(client: docker.DockerClient) -> None:
    """In a user-defined network with IPv6, a container reaches another by name."""
    ranges = IPAMConfig(pool_configs=[IPAMPool(subnet="fd00:d0c::/64")])
    network = client.networks.create("six", enable_ipv6=True, ipam=ranges, labels=MINE)
    client.containers.run(BUSYBOX, "sleep 600", name="target", network=network.name, detach=True, labels=MINE)
    output = client.containers.run(BUSYBOX, "ping -6 -c 1 -W 5 target", network=network.name, remove=True, labels=MINE)
    assert b"fd00:d0c::" in output


def test_the_nat_rule_of_a_published_port(client: docker.DockerClient) -> None:
    """The machine's iptables lists the DNAT rule of a published port."""
    client.containers.run(BUSYBOX, "sleep 600", ports={"80/tcp": ("127.0.0.1", 8765)}, detach=True, labels=MINE)
    table = client.containers.run(
        BUSYBOX, ["chroot", "/host", "iptables", "-t", "nat", "-n", "-L", "DOCKER"],
        privileged=True, network_mode="host", volumes=["/:/host"], remove=True, labels=MINE,
    ).decode()  # fmt: skip
    [rule] = [line for line in table.splitlines() if "8765" in line and "DNAT" in line]
    assert "to:172.17.0." in rule
    assert ":80" in rule


@pytest.fixture
def swarm() -> Iterator[docker.DockerClient]:
    """A client of a machine that is a swarm of one node."""
    with Machine(memory_mb=1024) as machine, closing(machine.client()) as client:
        client.swarm.init(advertise_addr="10.0.2.100")
        yield client


def test_swarm_keeps_the_desired_state(swarm: docker.DockerClient) -> None:
    """The tasks of a replicated service resolve by name in an overlay network, and a killed task is replaced."""
    swarm.networks.create("over", driver="overlay", attachable=True)
    services: Any = swarm.services  # docker-py's stubs leave it untyped
    service = services.create(
        BUSYBOX, ["httpd", "-f", "-p", "80"], name="web", networks=["over"], mode=ServiceMode("replicated", 2)
    )

    def running() -> set[str]:
        tasks = service.tasks(filters={"desired-state": "running"})
        return {task["ID"] for task in tasks if task["Status"]["State"] == "running"}

    wait_for(lambda: len(running()) == 2, "two tasks", seconds=60, every=0.3)
    before = running()

    def resolves() -> bool:
        try:
            output = swarm.containers.run(BUSYBOX, "nslookup tasks.web", network="over", remove=True)
        except (APIError, docker.errors.ContainerError):
            return False
        return output.count(b"Address") >= 3

    wait_for(resolves, "both tasks in DNS", seconds=60, every=0.5)
    swarm.containers.list(filters={"label": "com.docker.swarm.service.name=web"})[0].kill()
    wait_for(lambda: len(running()) == 2 and running() != before, "a replacement", seconds=60, every=0.3)
    service.remove()
