"""What the exercises of the lesson on volumes report about a volume."""

from __future__ import annotations

from contextlib import closing, suppress

import pytest
from docker.errors import NotFound

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.learn.exercises import load
from scripts.lesson_reader import COURSE
from tests.machines import BUSYBOX

VOLUME = "lines"


@pytest.mark.host
def test_a_missing_file_comes_with_the_files_there_are(host: Endpoint) -> None:
    """An empty volume is reported as empty, another one with the names of its files, and never with `cat`'s error."""
    exercise = load(COURSE, "06_volumes").find(VOLUME)
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        context = CheckContext(client, lambda *_: ("127.0.0.1", 1), "a-token")
        try:
            client.volumes.create(VOLUME, labels={LABEL: "tests"})
            with pytest.raises(Failed, match=r"no file `lines` at its top\. It is empty\.$"):
                exercise.look(context)
            command = ["touch", "/data/line", "/data/liness"]
            client.containers.run(BUSYBOX, command, volumes=[f"{VOLUME}:/data"], remove=True)
            with pytest.raises(Failed, match=r"no file `lines` at its top\. It has: line liness\.$"):
                exercise.look(context)
        finally:
            with suppress(NotFound):
                client.volumes.get(VOLUME).remove()
