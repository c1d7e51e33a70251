"""The picture of an image's or a container's layers."""

from __future__ import annotations

import docker
import pytest
from docker.errors import ImageNotFound

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.image_history import Layer
from drydock.views.layer_stack import LayerStack, WritableLayer
from drydock.views.layers import draw
from tests.drydock.views.parts import HOSTILE_NAME, boxes, displayed, image, misplaced, texts
from tests.machines import BUSYBOX, MINE

BASE = (Layer("a", 75_000_000, "ADD layer.tar /"), Layer("b", 500_000, "RUN configure"), Layer(None, 0, 'CMD ["bash"]'))
DEBIAN = LayerStack("debian", image("debian", *BASE))
WEB = LayerStack("web", image("web", *BASE, Layer("c", 4_000, "COPY . /srv"), Layer(None, 0, 'CMD ["/srv/run"]')))


def test_first_layer_is_at_the_bottom() -> None:
    """The last instruction is at the top, and instructions that created no layer are text without a box."""
    svg = draw(WEB)
    assert texts(svg) == [
        "web: 3 layers, 75.5 MB",
        'no layer: CMD ["/srv/run"]',
        *("COPY . /srv", "4 kB"),
        'no layer: CMD ["bash"]',
        *("RUN configure", "500 kB"),
        *("ADD layer.tar /", "75 MB"),
    ]
    assert len(boxes(svg, "image")) == 3
    assert misplaced(svg) == []


def test_shared_layers_are_drawn_once() -> None:
    """The layers that two images share are drawn once, below the layers that only one of them has."""
    other = LayerStack("other", image("other", *BASE, Layer("d", 9_000, "COPY big /")))
    svg = draw(WEB, other)
    assert "shared, stored once: 2 layers, 75.5 MB" in texts(svg)
    assert [len(boxes(svg, style)) for style in ("image", "shared")] == [2, 2]
    assert misplaced(svg) == []


def test_equal_layers_on_different_bases_are_not_shared() -> None:
    """A layer with the same digest on another base is not shared; without shared layers the title is another."""
    other = LayerStack("other", image("other", Layer("x", 1, "ADD other.tar /"), Layer("b", 500_000, "RUN configure")))
    svg = draw(WEB, other)
    assert "no shared layers" in texts(svg)
    assert boxes(svg, "shared") == []


def test_writable_layer_is_on_top() -> None:
    """A container's writable layer has its size and its changes; changes that don't fit are counted."""
    changes = tuple(f"added /file-{number}" for number in range(8))
    svg = draw(LayerStack("box", DEBIAN.image, WritableLayer(12_000, changes)))
    shown = texts(svg)
    assert shown[:3] == ["box: a container of debian", "writable layer", "12 kB"]
    assert shown[3:10] == [*changes[:6], "and 2 more"]
    assert len(boxes(svg, "running")) == 1
    assert misplaced(svg) == []
    empty = draw(LayerStack("box", DEBIAN.image, WritableLayer(0, ())))
    assert "writable layer: nothing written yet" in texts(empty)


def test_tall_stack_is_cut_in_the_middle() -> None:
    """Of 125 layers, those at the top and at the bottom are shown and the others are counted."""
    tall = LayerStack("tall", image("tall", *(Layer(str(number), 10, f"RUN echo {number}") for number in range(125))))
    svg = draw(tall)
    assert len(boxes(svg, "image")) == 20
    assert "⋮ and 105 layers more here, 1.05 kB" in texts(svg)
    assert texts(svg)[-2] == "RUN echo 0"
    assert misplaced(svg) == []


def test_names_are_escaped_and_shortened() -> None:
    """An instruction's or a file's name adds no markup and overlaps no other text, also with two stacks."""
    layers = Layer("a", 1, HOSTILE_NAME * 9), Layer(None, 0, HOSTILE_NAME)
    hostile = LayerStack(HOSTILE_NAME, image(HOSTILE_NAME, *layers), WritableLayer(1, (HOSTILE_NAME,)))
    for svg in (draw(hostile), draw(hostile, WEB)):
        assert "<script" not in svg
        assert misplaced(svg) == []


def test_image_without_layers() -> None:
    """An empty image is only a name."""
    assert texts(draw(LayerStack("empty", image("empty")))) == ["empty: no layers, 0 B"]


@pytest.mark.live
def test_written_file_appears(client: docker.DockerClient) -> None:
    """A file written in a container appears, although the daemon sends no event for it."""
    container = client.containers.run(BUSYBOX, "sleep 600", name="layers-box", detach=True, labels=MINE)
    view = views.layers(client, "layers-box")
    with displayed(view):
        assert "writable layer: nothing written yet" in texts(view.svg)
        container.exec_run("touch /hello")
        wait_for(lambda: "added /hello" in texts(view.svg), "the file", seconds=60)
        container.remove(force=True)
        wait_for(lambda: "No such container" in texts(view.svg)[0], "the container's removal", seconds=60)


@pytest.mark.live
def test_missing_image(client: docker.DockerClient) -> None:
    """A wrong name raises docker's own error, as everywhere in a lesson."""
    with pytest.raises(ImageNotFound):
        views.layers(client, BUSYBOX, "drydock/windows:95")
