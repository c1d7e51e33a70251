"""Layers from the bottom up, what two images share, and what a container has written."""

from __future__ import annotations

import docker
import pytest
from docker.errors import ImageNotFound

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.image_history import Layer
from drydock.views.layer_stack import Stack, Written
from drydock.views.layers import draw
from tests.drydock.views.parts import WICKED, boxes, image, shown, sticking_out, texts
from tests.machines import BUSYBOX, MINE

BASE = (Layer("a", 75_000_000, "ADD layer.tar /"), Layer("b", 500_000, "RUN configure"), Layer(None, 0, 'CMD ["bash"]'))
DEBIAN = Stack("debian", image("debian", *BASE))
WEB = Stack("web", image("web", *BASE, Layer("c", 4_000, "COPY . /srv"), Layer(None, 0, 'CMD ["/srv/run"]')))


def test_the_first_layer_is_at_the_bottom() -> None:
    """The last line of the Dockerfile stands on top, and lines that made no layer are words without a box."""
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
    assert sticking_out(svg) == []


def test_two_stand_on_what_they_share() -> None:
    """What both have is drawn once, below; each one's own layers stand on it."""
    other = Stack("other", image("other", *BASE, Layer("d", 9_000, "COPY big /")))
    svg = draw(WEB, other)
    assert "shared, kept only once: 2 layers, 75.5 MB" in texts(svg)
    assert [len(boxes(svg, kind)) for kind in ("image", "shared")] == [2, 2]
    assert sticking_out(svg) == []


def test_only_what_stands_on_the_same_is_shared() -> None:
    """The same layer on another base isn't shared; nothing shared is told as well."""
    other = Stack("other", image("other", Layer("x", 1, "ADD other.tar /"), Layer("b", 500_000, "RUN configure")))
    svg = draw(WEB, other)
    assert "they share nothing" in texts(svg)
    assert boxes(svg, "shared") == []


def test_what_a_container_has_written_is_on_top() -> None:
    """Its own layer is told with its size and its changes; what doesn't fit is counted."""
    changes = tuple(f"added /file-{place}" for place in range(8))
    svg = draw(Stack("box", DEBIAN.image, Written(12_000, changes)))
    said = texts(svg)
    assert said[:3] == ["box: what it has written stands on debian", "written by box", "12 kB"]
    assert said[3:10] == [*changes[:6], "and 2 more"]
    assert len(boxes(svg, "run")) == 1
    assert sticking_out(svg) == []
    assert "nothing is written yet" in texts(draw(Stack("box", DEBIAN.image, Written(0, ()))))


def test_a_tall_stack_is_cut_in_the_middle() -> None:
    """Of 125 layers the upper and the lower ones are shown, and the others counted."""
    tall = Stack("tall", image("tall", *(Layer(str(place), 10, f"RUN echo {place}") for place in range(125))))
    svg = draw(tall)
    assert len(boxes(svg, "image")) == 20
    assert "⋮ and 105 layers more here, 1.05 kB" in texts(svg)
    assert texts(svg)[-2] == "RUN echo 0"
    assert sticking_out(svg) == []


def test_lines_are_only_words() -> None:
    """Whatever a line or a file is called, the picture stays a picture, also with two side by side."""
    wicked = Stack(WICKED, image(WICKED, Layer("a", 1, WICKED * 9), Layer(None, 0, WICKED)), Written(1, (WICKED,)))
    for svg in (draw(wicked), draw(wicked, WEB)):
        assert "<script" not in svg
        assert sticking_out(svg) == []


def test_an_image_without_layers() -> None:
    """An empty image is a name."""
    assert texts(draw(Stack("empty", image("empty")))) == ["empty: no layers, 0 B"]


@pytest.mark.live
def test_it_follows_what_a_container_writes(client: docker.DockerClient) -> None:
    """A file that is written appears, although the daemon makes no event of it."""
    box = client.containers.run(BUSYBOX, "sleep 600", name="layers-box", detach=True, labels=MINE)
    view = views.layers(client, "layers-box")
    with shown(view):
        assert "nothing is written yet" in texts(view.svg)
        box.exec_run("touch /hello")
        wait_for(lambda: "added /hello" in texts(view.svg), "the file", seconds=20)
        box.remove(force=True)
        wait_for(lambda: "No such container" in texts(view.svg)[0], "the container to go", seconds=20)


@pytest.mark.live
def test_an_image_that_is_not_there(client: docker.DockerClient) -> None:
    """A wrong name is docker's own error, as everywhere in a lesson."""
    with pytest.raises(ImageNotFound):
        views.layers(client, BUSYBOX, "drydock/windows:95")
