"""What a picture of layers is drawn from, looked up by any name a person would use."""

from __future__ import annotations

import docker
import pytest
from docker.errors import ImageNotFound, NotFound

from drydock.views.layer_stack import finder, told
from tests.machines import BUSYBOX, MINE

pytestmark = pytest.mark.live


def test_an_image_by_name_and_as_an_object(client: docker.DockerClient) -> None:
    """An image is found by its name, and given as docker-py's own."""
    assert finder(client, BUSYBOX)() == finder(client, client.images.get(BUSYBOX))()


def test_a_container_and_what_it_wrote(client: docker.DockerClient) -> None:
    """A container is found by its name, and its stack tells the bytes and the files it wrote."""
    line = ["sh", "-c", "echo hello > /root/hello; rm /etc/group; echo >> /etc/passwd"]
    box = client.containers.run(BUSYBOX, line, name="stack-box", detach=True, labels=MINE)
    box.wait()
    stack = finder(client, "stack-box")()
    assert stack == finder(client, box)()
    assert stack.image.name == BUSYBOX
    assert stack.written is not None
    assert stack.written.size >= len("hello\n")
    assert set(stack.written.changes) == {"added /root/hello", "removed /etc/group", "changed /etc/passwd"}


def test_what_is_not_there(client: docker.DockerClient) -> None:
    """A wrong name is docker's own error, and so is a container that went after it was found."""
    with pytest.raises(ImageNotFound):
        finder(client, "nobody-has-this-name")()
    box = client.containers.create(BUSYBOX, labels=MINE)
    look = finder(client, box)
    box.remove()
    with pytest.raises(NotFound):
        look()


def test_folders_are_told_only_for_themselves() -> None:
    """A folder in which something changed isn't told, one that is new is."""
    changes = {"/etc": "changed", "/etc/passwd": "changed", "/new": "added", "/new/file": "added"}
    assert told(changes) == ("changed /etc/passwd", "added /new", "added /new/file")
