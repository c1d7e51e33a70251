"""Volumes, who mounts them where, and which are used by nobody."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.snapshot import Mount, Snapshot
from drydock.views.volumes import draw
from tests.drydock.views.parts import OURS, WICKED, boxes, container, shown, sticking_out, texts, volume
from tests.machines import BUSYBOX, MINE

DATA = Mount("volume", "data", "/var/lib/data", True)


def test_a_volume_and_those_who_mount_it() -> None:
    """Each container stands on a line of its own with the folder where it sees the volume, and may be a reader only."""
    writer = container("writer", mounts=(DATA,))
    reader = container("reader", "exited", mounts=(replace(DATA, target="/in", writable=False),))
    svg = draw(Snapshot((writer, reader), (), (), (volume("data", "writer", "reader"),)))
    said = ["data", "volume", "/var/lib/data", "writer", "runs", "/in", "only to read", "reader", "stopped"]
    assert texts(svg) == said
    assert [len(boxes(svg, kind)) for kind in ("volume", "run", "stop")] == [1, 1, 1]


def test_used_by_nobody_and_by_others() -> None:
    """A volume that nobody uses is dashed and says so; one whose users aren't shown doesn't claim it."""
    svg = draw(Snapshot((), (), (), (volume("idle"), volume("busy", "somebody"))))
    assert texts(svg) == ["idle", "volume", "used by nobody", "busy", "volume", "and 1 other container"]
    assert ["stroke-dasharray" in box.attrib for box in boxes(svg, "volume")] == [True, False]
    assert "2 volumes, 1 used by nobody" in svg


def test_kinds_are_told_apart() -> None:
    """A volume without a name, one of a driver of its own, a folder of the server, and memory."""
    mounts = (Mount("bind", "/home/me", "/me", True), Mount("tmpfs", "", "/tmp", True))
    odd = replace(volume("f" * 64, "box"), nameless=True, driver="nfs")
    said = texts(draw(Snapshot((container("box", mounts=mounts),), (), (), (odd,))))
    assert {"volume without a name, driver nfs", "folder of the server", "/home/me", "in memory"} <= set(said)


@pytest.mark.parametrize("number", [0, 1, 12])
def test_any_number_fits(number: int) -> None:
    """None, one or a dozen volumes with a dozen containers fit."""
    names = [f"a-container-with-a-rather-long-name-{place}" for place in range(number)]
    some = tuple(container(name, mounts=(replace(DATA, target="/a/long/path" * 9),)) for name in names)
    others = tuple(volume(f"another-volume-with-a-long-name-{place}" * 2) for place in range(number))
    svg = draw(Snapshot(some, (), (), (volume("data", *names), *others)))
    assert sticking_out(svg) == []
    assert texts(draw(Snapshot())) == ["no volumes"]


def test_names_are_only_names() -> None:
    """Whatever a volume or a folder is called, the picture stays a picture."""
    mounts = (Mount("volume", WICKED, WICKED, True), Mount("bind", WICKED, WICKED, True))
    svg = draw(Snapshot((container(WICKED, mounts=mounts),), (), (), (volume(WICKED),)))
    assert "<script" not in svg


@pytest.mark.live
def test_it_follows_a_volume_that_outlives_its_container(client: docker.DockerClient) -> None:
    """When the container goes, its volume is used by nobody; when that is removed, nothing is left."""
    data = client.volumes.create("views-data", labels=MINE)
    box = client.containers.create(BUSYBOX, labels=MINE, volumes={"views-data": {"bind": "/data"}})
    view = views.volumes(client, label=OURS)
    assert "/data" in texts(view.svg)
    with shown(view):
        box.remove()
        wait_for(lambda: "used by nobody" in texts(view.svg), "the container to go", seconds=20)
        data.remove()
        wait_for(lambda: texts(view.svg) == ["no volumes"], "the volume to go", seconds=20)
