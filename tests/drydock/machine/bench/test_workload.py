"""What is timed, in a machine."""

from __future__ import annotations

import docker
import pytest

from drydock.core.paths import LABEL
from drydock.machine.bench import results_table, workload


def left(client: docker.DockerClient) -> list[str]:
    """What there is of this run in a daemon."""
    ours: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={workload.OWNER}"}
    containers = [str(one.id) for one in client.containers.list(all=True, filters=ours)]
    networks = [str(one.id) for one in client.networks.list(filters=ours)]
    return containers + networks + [str(one.id) for one in client.images.list(filters=ours)]


def test_timed() -> None:
    """It does the work, and tells how long that took."""
    done: list[str] = []
    assert workload.timed(lambda: done.append("x")) >= 0
    assert done == ["x"]


@pytest.mark.live
@pytest.mark.parametrize("name", workload.TIMES)
def test_leaves_nothing(client: docker.DockerClient, name: str) -> None:
    """Each gives seconds, and what it made is gone when it has been timed."""
    assert workload.TIMES[name](client) > 0
    assert left(client) == []


@pytest.mark.live
def test_the_parts_of_a_run(client: docker.DockerClient) -> None:
    """Each of the four takes its time, each has a row, and the container is gone."""
    parts = workload.parts(client)
    assert set(parts) == {"create_s", "start_s", "wait_s", "remove_s"}
    assert set(parts) < set(results_table.ROWS)
    assert all(seconds > 0 for seconds in parts.values())
    assert left(client) == []


@pytest.mark.live
def test_sweep_takes_what_is_ours_only(client: docker.DockerClient) -> None:
    """What an interrupted round leaves is found by its label; an image of the same daemon stays."""
    client.containers.run(workload.IMAGE, "sleep 600", detach=True, labels=workload.LABELS)
    client.networks.create("bench-left", labels=workload.LABELS)
    workload.sweep(client)
    assert left(client) == []
    assert client.images.get(workload.IMAGE)
