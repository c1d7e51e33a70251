"""The objects that an exercise names, in a real daemon: found, or a reason that names what is missing."""

from __future__ import annotations

import docker
import pytest

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import execute, existing_image, printed_by, running_container
from tests.machines import BUSYBOX, MINE

pytestmark = pytest.mark.live


@pytest.fixture
def context(client: docker.DockerClient) -> CheckContext:
    """The shared machine's daemon, as a check gets it."""
    return CheckContext(client, lambda *_: ("127.0.0.1", 1), "a-token")


def test_a_container_is_missing_ended_or_found(context: CheckContext) -> None:
    """Each mistake has a reason of its own; in a container that runs, a command's code and text are returned."""
    with pytest.raises(Failed, match="no container named `box`"):
        running_container(context, "box")
    box = context.docker.containers.create(BUSYBOX, "sleep 600", name="box", labels=MINE)
    with pytest.raises(Failed, match="`box` is created"):
        running_container(context, "box")
    with pytest.raises(Failed, match="No command can run in `box`"):
        execute(box, "true")
    box.start()
    code, output = execute(running_container(context, "box"), "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (code, sorted(output.split())) == (3, ["err", "out"])  # two streams, so in either order


def test_an_image_is_missing_or_runs(context: CheckContext) -> None:
    """What a container of an image prints is returned, or why it can't start; no container stays."""
    with pytest.raises(Failed, match="no image `lesson/none:1`"):
        existing_image(context, "lesson/none:1")
    image = existing_image(context, BUSYBOX)
    before = context.docker.containers.list(all=True)
    assert printed_by(context, image, "echo", "hello") == "hello\n"
    with pytest.raises(Failed, match="didn't start"):
        printed_by(context, image, "no-such-program")
    assert context.docker.containers.list(all=True) == before
