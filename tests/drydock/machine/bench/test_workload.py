"""The measured tasks, in a machine."""

from __future__ import annotations

import docker
import pytest

from drydock.core.paths import LABEL
from drydock.machine.bench import results_table, workload


def leftovers(client: docker.DockerClient) -> list[str]:
    """Return the ids of everything in a daemon that has this process's label."""
    filters: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={workload.OWNER}"}
    containers = [str(container.id) for container in client.containers.list(all=True, filters=filters)]
    networks = [str(network.id) for network in client.networks.list(filters=filters)]
    return containers + networks + [str(image.id) for image in client.images.list(filters=filters)]


def test_timed() -> None:
    """The function is called, and the time it took is returned."""
    calls: list[str] = []
    assert workload.timed(lambda: calls.append("x")) >= 0
    assert calls == ["x"]


@pytest.mark.live
@pytest.mark.parametrize("name", workload.TASKS)
def test_a_task_leaves_nothing(client: docker.DockerClient, name: str) -> None:
    """Each task returns seconds, and removes everything that it created."""
    assert workload.TASKS[name](client) > 0
    assert leftovers(client) == []


@pytest.mark.live
def test_the_phases_of_a_run(client: docker.DockerClient) -> None:
    """Each of the four phases has a time and a row, and the container is removed."""
    phases = workload.run_phases(client)
    assert set(phases) == {"create_s", "start_s", "wait_s", "remove_s"}
    assert set(phases) < set(results_table.ROWS)
    assert all(seconds > 0 for seconds in phases.values())
    assert leftovers(client) == []


@pytest.mark.live
def test_only_our_leftovers_are_removed(client: docker.DockerClient) -> None:
    """Leftovers of an interrupted round are found by their label; another image in the daemon is kept."""
    client.containers.run(workload.IMAGE, "sleep 600", detach=True, labels=workload.LABELS)
    client.networks.create("bench-leftover", labels=workload.LABELS)
    workload.remove_leftovers(client)
    assert leftovers(client) == []
    assert client.images.get(workload.IMAGE)
