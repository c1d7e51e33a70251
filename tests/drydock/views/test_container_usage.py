"""A container's usage and limits, as the daemon reports them."""

from __future__ import annotations

from typing import Any

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.views.container_usage import (
    Usage,
    UsageSampler,
    cpu_limit,
    describe_state,
    memory_in_use,
    set_cpu_limit,
    set_memory_limit,
)
from tests.machines import BUSYBOX, MINE

MB = 1 << 20
BUSY = ["sh", "-c", "while :; do :; done"]


def test_page_cache_is_not_counted() -> None:
    """Memory is counted as in ``docker stats``: without inactive pages of files, under cgroup v1's name and v2's."""
    assert memory_in_use({"usage": 100, "stats": {"inactive_file": 30}}) == 70
    assert memory_in_use({"usage": 100, "stats": {"total_inactive_file": 40}}) == 60
    assert memory_in_use({"usage": 10, "stats": {"inactive_file": 30}}) == 0
    assert memory_in_use({"usage": 10}) == 10


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
def test_cpu_limit(config: dict[str, int], limit: float | None) -> None:
    """``--cpus`` and ``--cpu-quota`` set the same limit."""
    assert cpu_limit(config) == limit


def exited(**changes: Any) -> dict[str, Any]:
    """Return the state of a container that exited with code 3, with changes."""
    return {"Running": False, "Paused": False, "Status": "exited", "OOMKilled": False, "ExitCode": 3} | changes


def test_states_in_words() -> None:
    """Each state of a container has its words."""
    assert describe_state(exited(Running=True)) == "running"
    assert describe_state(exited(Running=True, Paused=True)) == "paused"
    assert describe_state(exited(Status="created")) == "never started"
    assert describe_state(exited()) == "stopped with exit code 3"
    assert describe_state(exited(OOMKilled=True)).endswith("killed for exceeding its memory limit")


def first_sample(sampler: UsageSampler) -> Usage:
    """Return the usage with its first sample; CPU usage is a difference, so it takes two measurements."""
    sampler.sample()
    return wait_for(lambda: usage if (usage := sampler.sample()).samples else None, "a sample", seconds=60, every=0.5)


@pytest.mark.host
def test_usage_and_limits_of_a_busy_container(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """A busy container uses no more than its quota, and changed limits are read again."""
    container = host_client.containers.run(BUSYBOX, BUSY, cpu_quota=50_000, mem_limit="64m", detach=True, labels=labels)
    sampler = UsageSampler(container)
    usage = first_sample(sampler)
    assert (usage.memory_limit, usage.cpu_limit, usage.cpus) == (64 * MB, 0.5, host_client.info()["NCPU"])
    assert 0 < usage.samples[-1].memory < 64 * MB
    assert usage.samples[-1].cpus < 0.8
    set_memory_limit(container, 32 * MB)
    set_cpu_limit(container, 0.25)
    usage = sampler.sample()
    assert (usage.memory_limit, usage.cpu_limit) == (32 * MB, 0.25)
    set_memory_limit(container, 128 * MB)
    assert sampler.sample().memory_limit == 128 * MB


@pytest.mark.host
def test_limit_is_changed_by_the_option_that_set_it(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """Docker refuses a quota for a container started with ``--cpus``, so that option is changed."""
    container = host_client.containers.run(BUSYBOX, "sleep 600", nano_cpus=500_000_000, detach=True, labels=labels)
    container.reload()
    set_cpu_limit(container, 0.75)
    assert UsageSampler(container).sample().cpu_limit == 0.75


@pytest.mark.live
def test_stopped_container_keeps_its_samples(client: docker.DockerClient) -> None:
    """A stopped container gets no new samples, and its state has the exit code."""
    container = client.containers.run(BUSYBOX, BUSY, detach=True, labels=MINE)
    sampler = UsageSampler(container)
    before = first_sample(sampler)
    container.kill()
    container.wait()
    after = sampler.sample()
    assert (after.state, after.samples) == ("stopped with exit code 137", before.samples)
