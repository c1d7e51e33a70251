"""A machine that the tests of a worker share, since booting one takes seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import cache

import docker
import pytest

from drydock.core.paths import LABEL
from drydock.errors import DrydockError
from drydock.machine import Machine
from drydock.machine.artifacts import machine_build

BUSYBOX = "drydock/busybox:1.37"
PYTHON = "drydock/python:3.13"
#: The label of what tests create in the shared machine; it is removed after each test.
MINE = {LABEL: "machine-tests"}
#: The shared machine of this worker, once it has started.
_SHARED: list[Machine] = []


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A running machine with a name of its own, which publishes ports on this computer."""
    shared = Machine(f"shared-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}", memory_mb=768)
    shared.start(owned=True)
    _SHARED.append(shared)
    try:
        yield shared
    finally:
        _SHARED.clear()
        shared.remove()


def start_again() -> None:
    """Start the shared machine if it has ended: the test that it ended in has failed, and others need not."""
    for shared in _SHARED:
        if not shared.is_running():
            shared.start(owned=True)


@pytest.fixture
def client(machine: Machine) -> Iterator[docker.DockerClient]:
    """A client of the shared machine; what a test creates there with our label is removed after it."""
    with closing(machine.client()) as client:
        try:
            yield client
        finally:
            sweep(client)


@cache
def build_parts() -> None:
    """Build the machine's parts where the cache has none, once in a process; a test reports what is in the way."""
    with suppress(DrydockError):
        machine_build.find_or_build()


def last_log_lines() -> str:
    """Return the last log lines of each machine's daemon, or how the machine ended."""
    return "\n".join(map(_last_log_lines_of, Machine.all())) or "there is none"


def _last_log_lines_of(machine: Machine) -> str:
    ended = machine.folder / "ended.json"
    try:
        if ended.is_file():
            return f"{machine.name} ended: {ended.read_text()}"
        return f"last log lines of {machine.name}: {machine.ask('log', lines=40)}"
    except Exception as error:
        return f"the log of {machine.name} can't be read: {type(error).__name__}: {error}"


def sweep(client: docker.DockerClient) -> None:
    """Remove the containers, networks and volumes that carry our label."""
    ours: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={MINE[LABEL]}"}
    for container in client.containers.list(all=True, ignore_removed=True, filters=ours):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=ours):
        network.remove()
    for volume in client.volumes.list(filters=ours):
        volume.remove()
