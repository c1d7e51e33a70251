"""Sliders that move a container's limits, and follow when somebody else moves them."""

from __future__ import annotations

import docker
import pytest
from docker.errors import NotFound

from drydock import views
from drydock.core.waiting import wait_for
from tests.drydock.views.parts import shown, texts
from tests.machines import BUSYBOX

pytestmark = pytest.mark.host

MB = 1 << 20


def test_a_slider_moves_the_limit(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """Each slider stands at its limit; moved, it changes that of the running container."""
    box = own.containers.run(BUSYBOX, "sleep 600", mem_limit="64m", cpu_quota=50_000, detach=True, labels=ours)
    view = views.limits(box)
    assert (view.memory.value, view.cpus.value) == (64, 0.5)
    view.memory.value, view.cpus.value = 32, 0.25
    box.reload()
    config = box.attrs["HostConfig"]
    assert (config["Memory"], config["CpuQuota"], config["CpuPeriod"]) == (32 * MB, 25_000, 100_000)
    assert {"limit 32 MB", "limit 0.25"} <= set(texts(view.svg))
    view.close()


def test_it_follows_limits_that_others_move(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """Updated in a cell, the limit moves in the plot and the slider with it; at the end it says how it ended."""
    box = own.containers.run(BUSYBOX, "sleep 600", mem_limit="64m", detach=True, labels=ours)
    view = views.limits(box)
    with shown(view):
        box.update(mem_limit="256m", memswap_limit="256m")
        wait_for(lambda: view.memory.value == 256, "the slider", seconds=20)
        assert view.memory.max >= 256
        box.kill()
        wait_for(lambda: any("exit code 137" in text for text in texts(view.svg)), "its end", seconds=20)


def test_looking_moves_no_limit(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """Limits that a slider can't stand at exactly stay as they are."""
    box = own.containers.run(BUSYBOX, "sleep 600", mem_limit=10_000_384, cpu_quota=2_000, detach=True, labels=ours)
    view = views.limits(box)
    view.refresh()
    assert (view.memory.value, view.cpus.value) == (9, 0.05)
    box.reload()
    config = box.attrs["HostConfig"]
    assert (config["Memory"], config["CpuQuota"]) == (10_000_384, 2_000)
    view.close()


def test_what_the_daemon_refuses_is_told(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """A limit that can't be is a line in the picture, and the slider goes back."""
    box = own.containers.run(BUSYBOX, "sleep 600", nano_cpus=500_000_000, detach=True, labels=ours)
    view = views.limits(box)
    view.cpus.max = view.cpus.value = 4096
    assert any("as there are only" in text for text in texts(view.svg))
    assert view.cpus.value == 0.5
    view.close()


def test_a_container_that_is_gone(own: docker.DockerClient, ours: dict[str, str]) -> None:
    """There is nothing to plot: docker's own error."""
    box = own.containers.create(BUSYBOX, labels=ours)
    box.remove()
    with pytest.raises(NotFound):
        views.limits(box)
