"""Layers of images and containers, loaded by name or by docker-py's object."""

from __future__ import annotations

import docker
import pytest
from docker.errors import ImageNotFound, NotFound

from drydock.views.layer_stack import describe_changes, loader
from tests.machines import BUSYBOX, MINE


@pytest.mark.live
def test_image_by_name_and_by_object(client: docker.DockerClient) -> None:
    """An image's name and docker-py's object load the same layers."""
    assert loader(client, BUSYBOX)() == loader(client, client.images.get(BUSYBOX))()


@pytest.mark.live
def test_container_with_its_writable_layer(client: docker.DockerClient) -> None:
    """A container's layers include its writable layer, with its size and its changes."""
    command = ["sh", "-c", "echo hello > /root/hello; rm /etc/group; echo >> /etc/passwd"]
    container = client.containers.run(BUSYBOX, command, name="stack-box", detach=True, labels=MINE)
    container.wait()
    stack = loader(client, "stack-box")()
    assert stack == loader(client, container)()
    assert stack.image.name == BUSYBOX
    assert stack.writable is not None
    assert stack.writable.size >= len("hello\n")
    assert set(stack.writable.changes) == {"added /root/hello", "removed /etc/group", "changed /etc/passwd"}


@pytest.mark.live
def test_missing_image_and_removed_container(client: docker.DockerClient) -> None:
    """A wrong name raises docker's own error, and so does a container that was removed after the first load."""
    with pytest.raises(ImageNotFound):
        loader(client, "nobody-has-this-name")()
    container = client.containers.create(BUSYBOX, labels=MINE)
    load = loader(client, container)
    container.remove()
    with pytest.raises(NotFound):
        load()


def test_parents_of_changed_files_are_left_out() -> None:
    """A folder is not listed because something in it changed; a new folder is."""
    changes = {"/etc": "changed", "/etc/passwd": "changed", "/new": "added", "/new/file": "added"}
    assert describe_changes(changes) == ("changed /etc/passwd", "added /new", "added /new/file")
