"""Sliders that change a container's limits, and that move when the limits are changed otherwise."""

from __future__ import annotations

import docker
import pytest
from docker.errors import NotFound

from drydock import views
from drydock.core.waiting import wait_for
from tests.drydock.views.parts import displayed, texts
from tests.machines import BUSYBOX

pytestmark = pytest.mark.host

MB = 1 << 20


def test_slider_changes_the_limit(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """Each slider starts at its limit; moving it changes the limit of the running container."""
    container = host_client.containers.run(
        BUSYBOX, "sleep 600", mem_limit="64m", cpu_quota=50_000, detach=True, labels=labels
    )
    view = views.limits(container)
    assert (view.memory.value, view.cpus.value) == (64, 0.5)
    view.memory.value, view.cpus.value = 32, 0.25
    container.reload()
    config = container.attrs["HostConfig"]
    assert (config["Memory"], config["CpuQuota"], config["CpuPeriod"]) == (32 * MB, 25_000, 100_000)
    assert {"limit 32 MB", "limit 0.25"} <= set(texts(view.svg))
    view.close()


def test_slider_follows_the_limit(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """A limit changed in a cell moves the plot's line and the slider; a killed container shows its exit code."""
    container = host_client.containers.run(BUSYBOX, "sleep 600", mem_limit="64m", detach=True, labels=labels)
    view = views.limits(container)
    with displayed(view):
        container.update(mem_limit="256m", memswap_limit="256m")
        wait_for(lambda: view.memory.value == 256, "the slider", seconds=60)
        assert view.memory.max >= 256
        container.kill()
        wait_for(lambda: any("exit code 137" in text for text in texts(view.svg)), "its exit code", seconds=60)


def test_refresh_changes_no_limit(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """A limit between two positions of its slider stays as it is."""
    container = host_client.containers.run(
        BUSYBOX, "sleep 600", mem_limit=10_000_384, cpu_quota=2_000, detach=True, labels=labels
    )
    view = views.limits(container)
    view.refresh()
    assert (view.memory.value, view.cpus.value) == (9, 0.05)
    container.reload()
    config = container.attrs["HostConfig"]
    assert (config["Memory"], config["CpuQuota"]) == (10_000_384, 2_000)
    view.close()


def test_refused_limit_is_reported(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """A limit that the daemon refuses is a message in the picture, and the slider moves back."""
    container = host_client.containers.run(BUSYBOX, "sleep 600", nano_cpus=500_000_000, detach=True, labels=labels)
    view = views.limits(container)
    view.cpus.max = view.cpus.value = 4096
    assert any("as there are only" in text for text in texts(view.svg))
    assert view.cpus.value == 0.5
    view.close()


def test_removed_container(host_client: docker.DockerClient, labels: dict[str, str]) -> None:
    """A container that was removed raises docker's own error."""
    container = host_client.containers.create(BUSYBOX, labels=labels)
    container.remove()
    with pytest.raises(NotFound):
        views.limits(container)
