"""What Docker can do in a machine, the same on either kernel: limits that bite, Swarm, IPv6, NAT."""

from __future__ import annotations

import json
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
from drydock.machine.ssh import ssh_command
from tests.machines import BUSYBOX, MINE, PYTHON

pytestmark = pytest.mark.live

#: One million rounds of nothing: about a tenth of a second of a processor.
SPIN = "import time; a = time.monotonic(); b = time.process_time()\nwhile time.process_time() - b < .5: pass\n"
SPIN += "print(time.monotonic() - a)"


def test_memory_has_an_end(client: docker.DockerClient) -> None:
    """A container that takes more than it may is killed by the kernel, and Docker tells why."""
    greedy = client.containers.run(
        PYTHON, ["python3", "-c", "b'x' * (200 << 20)"], mem_limit="64m", memswap_limit="64m", detach=True, labels=MINE
    )
    assert greedy.wait()["StatusCode"] == 137
    greedy.reload()
    assert greedy.attrs["State"]["OOMKilled"] is True


def test_a_network_is_made_without_a_second_daemon(client: docker.DockerClient, machine: Machine) -> None:
    """What the runtime is told to start for a container's network is our small program, and it did its work."""
    box = client.containers.run(BUSYBOX, "sleep 600", detach=True, labels=MINE)
    file = f"/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/{box.id}/config.json"
    told = subprocess.run(ssh_command(machine, ["cat", file]), capture_output=True, check=True)
    [hook] = json.loads(told.stdout)["hooks"]["prestart"]
    assert (hook["path"], hook["args"][0]) == ("/usr/lib/drydock/network", "network")
    assert b"inet " in box.exec_run("ip -4 address show eth0").output


def test_a_limit_is_changed_while_it_runs(client: docker.DockerClient) -> None:
    """An update reaches the kernel."""
    small = client.containers.run(BUSYBOX, "sleep 600", mem_limit="32m", detach=True, labels=MINE)
    small.update(mem_limit="48m")
    assert small.exec_run("cat /sys/fs/cgroup/memory.max").output == b"%d\n" % (48 << 20)


def test_a_part_of_a_processor(client: docker.DockerClient) -> None:
    """Half a second of work takes at least a second on half a processor."""
    took = client.containers.run(PYTHON, ["python3", "-c", SPIN], nano_cpus=5 * 10**8, remove=True, labels=MINE)
    assert float(took) > 0.9


def test_a_disk_can_be_slowed(client: docker.DockerClient) -> None:
    """Writing eight megabytes at four a second takes more than a second."""
    write = "dd if=/dev/zero of=/data/x bs=1M count=8 oflag=direct"
    slow = client.containers.create(
        BUSYBOX, ["sh", "-c", write], labels=MINE, volumes=["/data"],
        device_write_bps=[{"Path": "/dev/ubda", "Rate": 4 << 20}],
    )  # fmt: skip
    began = time.monotonic()
    slow.start()
    assert slow.wait()["StatusCode"] == 0, slow.logs()
    assert time.monotonic() - began > 1


def test_a_network_with_ipv6(client: docker.DockerClient) -> None:
    """Two containers of a user network reach each other by IPv6, by name."""
    ranges = IPAMConfig(pool_configs=[IPAMPool(subnet="fd00:d0c::/64")])
    network = client.networks.create("six", enable_ipv6=True, ipam=ranges, labels=MINE)
    client.containers.run(BUSYBOX, "sleep 600", name="there", network=network.name, detach=True, labels=MINE)
    said = client.containers.run(BUSYBOX, "ping -6 -c 1 -W 5 there", network=network.name, remove=True, labels=MINE)
    assert b"fd00:d0c::" in said


def test_the_rule_of_a_published_port(client: docker.DockerClient) -> None:
    """What Docker writes into the NAT table can be read there, by the machine's own iptables."""
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
    """A machine of its own that is a swarm of one."""
    with Machine(memory_mb=1024) as machine, closing(machine.client()) as client:
        client.swarm.init(advertise_addr="10.0.2.100")
        yield client


def test_swarm_keeps_what_was_asked_for(swarm: docker.DockerClient) -> None:
    """Replicas on an overlay network: each finds the service by name, and one that is killed comes back."""
    swarm.networks.create("over", driver="overlay", attachable=True)
    services: Any = swarm.services  # docker-py's stubs leave it untyped
    service = services.create(
        BUSYBOX, ["httpd", "-f", "-p", "80"], name="web", networks=["over"], mode=ServiceMode("replicated", 2)
    )

    def running() -> set[str]:
        tasks = service.tasks(filters={"desired-state": "running"})
        return {task["ID"] for task in tasks if task["Status"]["State"] == "running"}

    wait_for(lambda: len(running()) == 2, "two tasks", seconds=60, every=0.3)
    first = running()

    def found() -> bool:
        try:
            said = swarm.containers.run(BUSYBOX, "nslookup tasks.web", network="over", remove=True)
        except (APIError, docker.errors.ContainerError):
            return False
        return said.count(b"Address") >= 3

    wait_for(found, "both by name", seconds=60, every=0.5)
    swarm.containers.list(filters={"label": "com.docker.swarm.service.name=web"})[0].kill()
    wait_for(lambda: len(running()) == 2 and running() != first, "another in its place", seconds=60, every=0.3)
    service.remove()
