"""What a container uses and what it may use, as the daemon tells it."""

from __future__ import annotations

from typing import Any

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.views.container_usage import Gauge, Usage, cpu_limit, memory, set_cpus, set_memory, state
from tests.machines import BUSYBOX, MINE

MB = 1 << 20
BUSY = ["sh", "-c", "while :; do :; done"]


def test_what_can_be_given_back_is_not_counted() -> None:
    """As ``docker stats`` counts: without the pages of files that nobody uses, under either name of theirs."""
    assert memory({"usage": 100, "stats": {"inactive_file": 30}}) == 70
    assert memory({"usage": 100, "stats": {"total_inactive_file": 40}}) == 60
    assert memory({"usage": 10, "stats": {"inactive_file": 30}}) == 0
    assert memory({"usage": 10}) == 10


@pytest.mark.parametrize(
    ("config", "limit"),
    [
        ({}, None),
        ({"NanoCpus": 1_500_000_000}, 1.5),
        ({"CpuQuota": 50_000, "CpuPeriod": 0}, 0.5),
        ({"CpuQuota": 50_000, "CpuPeriod": 200_000}, 0.25),
        ({"CpuQuota": -1}, None),
    ],
)
def test_processors(config: dict[str, int], limit: float | None) -> None:
    """``--cpus`` and ``--cpu-quota`` are two words for one limit."""
    assert cpu_limit(config) == limit


def about(**changes: Any) -> dict[str, Any]:
    """The state of a container that has ended."""
    return {"Running": False, "Paused": False, "Status": "exited", "OOMKilled": False, "ExitCode": 3} | changes


def test_states() -> None:
    """How a container is, said in words."""
    assert state(about(Running=True)) == "runs"
    assert state(about(Running=True, Paused=True)) == "paused"
    assert state(about(Status="created")) == "never started"
    assert state(about()) == "stopped with exit code 3"
    assert state(about(OOMKilled=True)).endswith("it wanted more memory than it may have")


def look_twice(gauge: Gauge) -> Usage:
    """Two looks, since work is what was done between them."""
    gauge.look()
    return wait_for(lambda: found if (found := gauge.look()).samples else None, "a sample", seconds=20, every=0.5)


@pytest.mark.host
def test_a_busy_container_and_its_limits(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """One that works all the time uses what its quota leaves it; its limits are read, moved and read again."""
    box = own.containers.run(BUSYBOX, BUSY, cpu_quota=50_000, mem_limit="64m", detach=True, labels=ours)
    gauge = Gauge(box)
    seen = look_twice(gauge)
    assert (seen.memory_limit, seen.cpu_limit, seen.cpus) == (64 * MB, 0.5, own.info()["NCPU"])
    assert 0 < seen.samples[-1].memory < 64 * MB
    assert seen.samples[-1].cpus < 0.8
    set_memory(box, 32 * MB)
    set_cpus(box, 0.25)
    seen = gauge.look()
    assert (seen.memory_limit, seen.cpu_limit) == (32 * MB, 0.25)
    set_memory(box, 128 * MB)
    assert gauge.look().memory_limit == 128 * MB


@pytest.mark.host
def test_a_limit_is_moved_in_the_form_it_was_set(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """Docker refuses a quota where ``--cpus`` was said: then that is moved."""
    box = own.containers.run(BUSYBOX, "sleep 600", nano_cpus=500_000_000, detach=True, labels=ours)
    box.reload()
    set_cpus(box, 0.75)
    assert Gauge(box).look().cpu_limit == 0.75


@pytest.mark.live
def test_a_container_that_has_ended_keeps_its_samples(client: docker.DockerClient) -> None:
    """It takes no more samples, and says how it ended."""
    box = client.containers.run(BUSYBOX, BUSY, detach=True, labels=MINE)
    gauge = Gauge(box)
    before = look_twice(gauge)
    box.kill()
    box.wait()
    after = gauge.look()
    assert (after.state, after.samples) == ("stopped with exit code 137", before.samples)
