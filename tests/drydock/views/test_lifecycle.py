"""The picture of the life cycle of containers."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.image_history import Layer
from drydock.views.lifecycle import draw
from drydock.views.snapshot import Snapshot
from tests.drydock.views.parts import HOSTILE_NAME, TEST_LABEL, container, displayed, image, misplaced, texts
from tests.machines import BUSYBOX, MINE

BASE = image("drydock/busybox:1.37", Layer("a", 2_000_000, "ADD"), Layer(None, 0, "CMD"))


def test_empty_daemon() -> None:
    """Without containers and images, the states and the commands between them are drawn."""
    svg = draw(Snapshot())
    assert {"IMAGE", "run", "RUNNING CONTAINER", "start", "STOPPED CONTAINER", "commit"} <= set(texts(svg))
    assert misplaced(svg) == []


def test_items_have_a_description() -> None:
    """An image has its size and layers, a running container its image, a stopped one its exit code."""
    stopped = container("old", "exited", exit_code=137)
    svg = draw(Snapshot((container("new"), stopped, container("made", "created")), (BASE,)))
    assert texts(svg)[1:3] == ["drydock/busybox:1.37", "2 MB, 1 layer"]
    assert {"new", "from drydock/busybox:1.37", "old", "exit code 137, from drydock/busybox:1.37"} <= set(texts(svg))
    assert "never started, from drydock/busybox:1.37" in texts(svg)
    assert "The life cycle of containers: 1 image, 1 running, 2 stopped" in svg


@pytest.mark.parametrize("number", [1, 4, 5, 12, 13])
def test_any_number_fits(number: int) -> None:
    """Up to twelve items of a state fit without overlap; more are counted."""
    running = tuple(container(f"a-container-with-a-rather-long-name-{index}") for index in range(number))
    stopped = tuple(container(each.name, "exited", exit_code=0) for each in running)
    images = tuple(image(f"a/repository-with-a-long-name:{index}") for index in range(number))
    svg = draw(Snapshot(running + stopped, images))
    assert misplaced(svg) == []
    assert texts(svg).count("and 1 more") == (3 if number > 12 else 0)


def test_names_are_escaped_and_shortened() -> None:
    """The name of a container or an image adds no markup and overlaps no other text."""
    svg = draw(Snapshot((container(HOSTILE_NAME), container(HOSTILE_NAME, "paused")), (image(HOSTILE_NAME),)))
    assert "<script" not in svg
    assert misplaced(svg) == []


def test_image_with_several_tags_or_none() -> None:
    """An image has its first tag as its name and its tags counted; without a tag it has its short id."""
    images = (replace(BASE, tags=("a:1", "a:2")), replace(BASE, id="sha256:0123456789abcdef", tags=()))
    shown = set(texts(draw(Snapshot((), images))))
    assert {"a:1", "2 MB, 1 layer, 2 tags", "0123456789ab", "2 MB, 1 layer, no tag"} <= shown


@pytest.mark.live
def test_container_moves_through_the_states(client: docker.DockerClient) -> None:
    """A container appears, moves when it is stopped, and when it is removed, the last picture stays with a line."""
    view = views.lifecycle(client, label=TEST_LABEL)
    with displayed(view):
        container = client.containers.run(BUSYBOX, "sleep 600", name="life-box", detach=True, labels=MINE)
        wait_for(lambda: "from drydock/busybox:1.37" in texts(view.svg), "the container", seconds=60)
        container.kill()
        wait_for(lambda: "exit code 137, from drydock/busybox:1.37" in texts(view.svg), "its exit code", seconds=60)
        container.remove()
        wait_for(lambda: "all of this has been removed" in view.svg, "its removal", seconds=60)
