"""Which history entry created which layer, for images of all kinds of builders."""

from __future__ import annotations

from typing import Any

import docker
import pytest

from drydock.views import image_history
from drydock.views.image_history import as_instruction, match_layers
from tests.machines import BUSYBOX, MINE


def entry(created_by: str, size: int = 0, comment: str = "") -> dict[str, Any]:
    """Return a history entry in the daemon's form."""
    return {"CreatedBy": created_by, "Size": size, "Comment": comment}


@pytest.mark.parametrize(
    ("created_by", "instruction"),
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
def test_entry_reads_as_in_a_dockerfile(created_by: str, instruction: str) -> None:
    """What the classic builder and BuildKit add to an instruction is removed."""
    assert as_instruction(created_by) == instruction


def test_configuration_creates_no_layer() -> None:
    """An empty RUN has a layer and CMD has none, though both have the size 0."""
    entries = [entry("ADD layer.tar /", 9), entry("RUN true # buildkit"), entry('CMD ["sh"]'), entry("touch /hello")]
    assert [layer.digest for layer in match_layers(["a", "b", "c"], entries)] == ["a", "b", None, "c"]


def test_unknown_instructions_are_matched_by_size() -> None:
    """In a history that another tool wrote, entries with a size created the layers."""
    entries = [entry("", 9, "Imported from -"), entry("some tool's note"), entry("another", 3)]
    layers = match_layers(["a", "b"], entries)
    assert [(layer.digest, layer.created_by) for layer in layers] == [
        ("a", "Imported from -"),
        (None, "some tool's note"),
        ("b", "another"),
    ]


def test_history_that_does_not_match() -> None:
    """A history that can't be matched is left out; the layers are still there."""
    assert [layer.digest for layer in match_layers(["a", "b"], [entry("RUN true")])] == ["a", "b"]


@pytest.mark.live
def test_image_made_by_commit(client: docker.DockerClient) -> None:
    """An image made by ``docker commit`` has its parent's layers, and on top the container's writable layer."""
    container = client.containers.run(BUSYBOX, ["sh", "-c", "echo hello > /hello"], detach=True, labels=MINE)
    container.wait()
    image = container.commit()
    try:
        layers = [layer for layer in image_history.read(client, str(image.id)) if layer.digest]
        parent = client.images.get(BUSYBOX).attrs["RootFS"]["Layers"]
        assert [layer.digest for layer in layers[:-1]] == parent
        assert (layers[-1].size, layers[-1].created_by) == (6, "sh -c echo hello > /hello")
    finally:
        client.images.remove(str(image.id))
