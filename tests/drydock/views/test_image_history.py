"""Which line of a history made which layer, as builders of all kinds tell it."""

from __future__ import annotations

from typing import Any

import docker
import pytest

from drydock.views import image_history
from drydock.views.image_history import history, plain
from tests.machines import BUSYBOX, MINE


def line(created_by: str, size: int = 0, comment: str = "") -> dict[str, Any]:
    """A line of a history as the daemon tells it."""
    return {"CreatedBy": created_by, "Size": size, "Comment": comment}


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
        ("|1 A=b /bin/sh -c echo $A", "RUN echo $A"),
        ("RUN |1 A=b /bin/sh -c echo $A # buildkit", "RUN echo $A"),
        ("COPY . /srv # buildkit", "COPY . /srv"),
        (f"/bin/sh -c #(nop) ADD file:{'0f' * 32} in / ", "ADD file:0f0f0f0f0f0f in /"),
        ("touch /hello", "touch /hello"),
    ],
)
def test_a_line_reads_as_in_a_dockerfile(told: str, written: str) -> None:
    """What the builders wrap around a line is taken off, both the classic one's and BuildKit's."""
    assert plain(told) == written


def test_settings_make_no_layer() -> None:
    """An empty RUN has a layer, a CMD has none, though both have the size 0."""
    lines = [line("ADD layer.tar /", 9), line("RUN true # buildkit"), line('CMD ["sh"]'), line("touch /hello")]
    assert [layer.digest for layer in history(["a", "b", "c"], lines)] == ["a", "b", None, "c"]


def test_where_the_words_do_not_help_the_sizes_do() -> None:
    """A history in words of its own is told by what has a size."""
    lines = [line("", 9, "Imported from -"), line("some tool's note"), line("another", 3)]
    found = history(["a", "b"], lines)
    assert [(layer.digest, layer.made_by) for layer in found] == [
        ("a", "Imported from -"),
        (None, "some tool's note"),
        ("b", "another"),
    ]


def test_where_nothing_helps_there_are_still_layers() -> None:
    """A history that doesn't fit the layers at all is left out; the layers are not."""
    assert [layer.digest for layer in history(["a", "b"], [line("RUN true")])] == ["a", "b"]


@pytest.mark.live
def test_an_image_made_by_commit(client: docker.DockerClient) -> None:
    """Of a real image all layers of its parent are there, and on top what the container had written."""
    writer = client.containers.run(BUSYBOX, ["sh", "-c", "echo hello > /hello"], detach=True, labels=MINE)
    writer.wait()
    image = writer.commit()
    try:
        found = [layer for layer in image_history.read(client, str(image.id)) if layer.digest]
        parent = client.images.get(BUSYBOX).attrs["RootFS"]["Layers"]
        assert [layer.digest for layer in found[:-1]] == parent
        assert (found[-1].size, found[-1].made_by) == (6, "sh -c echo hello > /hello")
    finally:
        client.images.remove(str(image.id))
