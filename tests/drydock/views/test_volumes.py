"""The picture of volumes, bind mounts and the containers that mount them."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.snapshot import Mount, Snapshot
from drydock.views.volumes import draw
from tests.drydock.views.parts import (
    HOSTILE_NAME,
    TEST_LABEL,
    boxes,
    container,
    displayed,
    misplaced,
    texts,
    volume,
)
from tests.machines import BUSYBOX, MINE

DATA = Mount("volume", "data", "/var/lib/data", True)


def test_volume_and_its_containers() -> None:
    """Each container has a line to the volume with the path where it mounts it, and with "read-only" if it is."""
    writer = container("writer", mounts=(DATA,))
    reader = container("reader", "exited", mounts=(replace(DATA, target="/in", writable=False),))
    svg = draw(Snapshot((writer, reader), (), (), (volume("data", "writer", "reader"),)))
    expected = ["data", "volume", "/var/lib/data", "writer", "running", "/in", "read-only", "reader", "stopped"]
    assert texts(svg) == expected
    assert [len(boxes(svg, style)) for style in ("volume", "running", "stopped")] == [1, 1, 1]


def test_unused_volume() -> None:
    """An unused volume is dashed and marked as unused; one that only containers outside of the picture use is not."""
    svg = draw(Snapshot((), (), (), (volume("idle"), volume("busy", "somebody"))))
    assert texts(svg) == ["idle", "volume", "unused", "busy", "volume", "and 1 other container"]
    assert ["stroke-dasharray" in box.attrib for box in boxes(svg, "volume")] == [True, False]
    assert "2 volumes, 1 unused" in svg


def test_kinds_of_mounts() -> None:
    """An anonymous volume, a volume of another driver, a bind mount and a tmpfs have different descriptions."""
    mounts = (Mount("bind", "/home/me", "/me", True), Mount("tmpfs", "", "/tmp", True))
    odd = replace(volume("f" * 64, "box"), anonymous=True, driver="nfs")
    shown = texts(draw(Snapshot((container("box", mounts=mounts),), (), (), (odd,))))
    expected = {"anonymous volume, driver nfs", "bind mount: a folder of the host", "/home/me", "in memory"}
    assert expected <= set(shown)


@pytest.mark.parametrize("number", [0, 1, 12])
def test_any_number_fits(number: int) -> None:
    """No texts overlap with none, one or a dozen volumes and containers."""
    names = [f"a-container-with-a-rather-long-name-{index}" for index in range(number)]
    containers = tuple(container(name, mounts=(replace(DATA, target="/a/long/path" * 9),)) for name in names)
    others = tuple(volume(f"another-volume-with-a-long-name-{index}" * 2) for index in range(number))
    svg = draw(Snapshot(containers, (), (), (volume("data", *names), *others)))
    assert misplaced(svg) == []
    assert texts(draw(Snapshot())) == ["no volumes"]


def test_names_are_escaped() -> None:
    """The name of a volume or a folder adds no markup."""
    mounts = (Mount("volume", HOSTILE_NAME, HOSTILE_NAME, True), Mount("bind", HOSTILE_NAME, HOSTILE_NAME, True))
    svg = draw(Snapshot((container(HOSTILE_NAME, mounts=mounts),), (), (), (volume(HOSTILE_NAME),)))
    assert "<script" not in svg


@pytest.mark.live
def test_volume_outlives_its_container(client: docker.DockerClient) -> None:
    """Without its container a volume is unused; when the volume is removed, the last picture stays with a line."""
    data = client.volumes.create("views-data", labels=MINE)
    container = client.containers.create(BUSYBOX, labels=MINE, volumes={"views-data": {"bind": "/data"}})
    view = views.volumes(client, label=TEST_LABEL)
    assert "/data" in texts(view.svg)
    with displayed(view):
        container.remove()
        wait_for(lambda: "unused" in texts(view.svg), "the container's removal", seconds=60)
        data.remove()
        wait_for(lambda: "all of this has been removed" in view.svg, "the volume's removal", seconds=60)
