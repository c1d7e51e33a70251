"""The emulator of ECS runs tasks as containers of the given daemon, and leaves nothing when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import docker
import pytest

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import CommandFailed
from drydock.learn import ecs_emulator
from drydock.learn.ecs_emulator import EcsEmulator
from tests.machines import BUSYBOX

NAME = "ecs-emulator"
SLEEP = {"name": "sleep", "image": BUSYBOX, "command": ["sleep", "600"], "memory": 64}
_OWNER = """
import sys
from pathlib import Path
from drydock.core.endpoint import Endpoint
from drydock.learn.ecs_emulator import EcsEmulator
emulator = EcsEmulator("ecs-emulator", Endpoint(sys.argv[1], Path(sys.argv[2]) if sys.argv[2:] else None))
print(emulator.address, emulator.access["aws_access_key_id"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the daemon on this computer."""
    with closing(host.client()) as client:
        yield client


def ids(client: docker.DockerClient) -> set[str]:
    """The ids of all containers with the label of these tests, running or not."""
    return {
        container.id or ""
        for container in client.containers.list(all=True, sparse=True, filters={"label": f"{LABEL}={NAME}"})
    }


def running(client: docker.DockerClient) -> set[str]:
    """The ids of the running containers with that label."""
    return {
        container.id or "" for container in client.containers.list(sparse=True, filters={"label": f"{LABEL}={NAME}"})
    }


def service_of_two(access: dict[str, Any]) -> Any:
    """A client of ECS with a service that keeps two containers running."""
    ecs = boto3.client("ecs", **access)
    ecs.create_cluster()
    ecs.register_task_definition(family="sleep", containerDefinitions=[SLEEP])
    ecs.create_service(serviceName="two", taskDefinition="sleep", desiredCount=2)
    return ecs


@pytest.mark.host
def test_a_service_is_kept_at_two(host: Endpoint, client: docker.DockerClient) -> None:
    """A killed container is replaced; all carry the lesson's label, and are gone when the emulator has ended."""
    emulator = EcsEmulator(NAME, host)
    try:
        service_of_two(emulator.access)
        wait_for(lambda: len(running(client)) == 2, "two containers", seconds=30)
        victim = min(running(client))
        client.containers.get(victim).kill()
        wait_for(lambda: len(running(client) - {victim}) == 2, "a new container", seconds=30)
    finally:
        emulator.close()
    assert ids(client) == set()


@pytest.mark.host
def test_it_ends_with_its_kernel(host: Endpoint, client: docker.DockerClient) -> None:
    """The process that started it is killed: the emulator removes its containers and ends."""
    argv = [sys.executable, "-c", _OWNER, host.host, *([str(host.certificates)] if host.certificates else [])]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        address, key = owner.stdout.readline().split()
        access = {"endpoint_url": address, "aws_access_key_id": key, "aws_secret_access_key": "-"}
        service_of_two({**access, "region_name": "eu-central-1"})
        wait_for(lambda: len(running(client)) == 2, "two containers", seconds=30)
        os.kill(owner.pid, signal.SIGKILL)
    wait_for(lambda: not ids(client), "the containers to be removed", seconds=30)


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    """Without a daemon, the end of what the process printed is the reason."""
    with pytest.raises(CommandFailed, match=r"(?s)ecs_server ecs-emulator.*Error"):
        EcsEmulator(NAME, Endpoint(f"unix://{tmp_path}/none.sock"))


def test_a_kernel_without_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason why a cell isn't run names the packages that are missing."""
    monkeypatch.setattr(ecs_emulator, "find_spec", lambda name: None if name == "ministack" else object())
    ecs_emulator.obstacle.cache_clear()
    assert ecs_emulator.obstacle() == "the kernel lacks the Python packages ministack"
    ecs_emulator.obstacle.cache_clear()
