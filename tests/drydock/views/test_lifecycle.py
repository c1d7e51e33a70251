"""The circle of the notes, with one's own containers and images on it."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.image_history import Layer
from drydock.views.lifecycle import draw
from drydock.views.snapshot import Snapshot
from tests.drydock.views.parts import OURS, WICKED, container, image, shown, sticking_out, texts
from tests.machines import BUSYBOX, MINE

BASE = image("drydock/busybox:1.37", Layer("a", 2_000_000, "ADD"), Layer(None, 0, "CMD"))


def test_an_empty_daemon_still_shows_the_circle() -> None:
    """Without containers and images the stations and the ways between them are there."""
    svg = draw(Snapshot())
    assert {"IMAGE", "run", "CONTAINER, with a process", "start", "STOPPED CONTAINER", "commit"} <= set(texts(svg))
    assert sticking_out(svg) == []


def test_each_stands_at_its_station() -> None:
    """An image tells its size and layers, a container its image, a stopped one how it ended."""
    stopped = container("old", "exited", exit_code=137)
    svg = draw(Snapshot((container("new"), stopped, container("made", "created")), (BASE,)))
    assert texts(svg)[1:3] == ["drydock/busybox:1.37", "2 MB, 1 layer"]
    assert {"new", "from drydock/busybox:1.37", "old", "exit code 137, from drydock/busybox:1.37"} <= set(texts(svg))
    assert "never started, from drydock/busybox:1.37" in texts(svg)
    assert "The life of containers: 1 image, 1 running, 2 stopped" in svg


@pytest.mark.parametrize("number", [1, 4, 5, 12, 13])
def test_any_number_fits(number: int) -> None:
    """One or a dozen of each stand beside each other with room; more than twelve are counted."""
    running = tuple(container(f"a-container-with-a-rather-long-name-{place}") for place in range(number))
    stopped = tuple(container(one.name, "exited", exit_code=0) for one in running)
    images = tuple(image(f"a/repository-with-a-long-name:{place}") for place in range(number))
    svg = draw(Snapshot(running + stopped, images))
    assert sticking_out(svg) == []
    assert texts(svg).count("and 1 more") == (3 if number > 12 else 0)


def test_names_are_only_names() -> None:
    """Whatever a container or an image is called, the picture stays a picture."""
    svg = draw(Snapshot((container(WICKED), container(WICKED, "paused")), (image(WICKED),)))
    assert "<script" not in svg
    assert sticking_out(svg) == []


def test_an_image_with_several_names_or_none() -> None:
    """Further names are counted, and one without any is called by its id."""
    svg = draw(Snapshot((), (replace(BASE, tags=("a:1", "a:2")), replace(BASE, id="sha256:0123456789abcdef", tags=()))))
    assert {"a:1", "2 MB, 1 layer, 2 names", "0123456789ab", "2 MB, 1 layer, no name"} <= set(texts(svg))


@pytest.mark.live
def test_it_follows_a_container_round_the_circle(client: docker.DockerClient) -> None:
    """A container appears when it's made, moves when it's stopped, and goes when it's removed."""
    view = views.lifecycle(client, label=OURS)
    with shown(view):
        box = client.containers.run(BUSYBOX, "sleep 600", name="life-box", detach=True, labels=MINE)
        wait_for(lambda: "from drydock/busybox:1.37" in texts(view.svg), "it to appear", seconds=20)
        box.kill()
        wait_for(lambda: "exit code 137, from drydock/busybox:1.37" in texts(view.svg), "it to stop", seconds=20)
        box.remove()
        wait_for(lambda: "life-box" not in texts(view.svg), "it to go", seconds=20)
