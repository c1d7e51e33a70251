"""Removing what a lesson made."""

from __future__ import annotations

from contextlib import closing

import docker
import pytest

from drydock.core.paths import LABEL
from drydock.learn.cleanup import remove_labelled
from drydock.learn.labelled_client import labelled_client
from drydock.machine import Machine
from tests.machines import BUSYBOX, MINE

OURS = {LABEL: "cleanup-test"}


@pytest.mark.live
def test_what_carries_the_label_goes_and_nothing_else(machine: Machine, client: docker.DockerClient) -> None:
    """Containers, networks, volumes and names ``lesson/…`` of images go; what has another label stays."""
    other = client.containers.create(BUSYBOX, labels=MINE)
    image = other.commit("lesson/other", "1")
    with closing(labelled_client(machine.endpoint, OURS)) as lesson:
        lesson.containers.run(BUSYBOX, "sleep 600", detach=True)
        lesson.networks.create("cleanup-net")
        lesson.volumes.create("cleanup-volume")
        lesson.images.get(BUSYBOX).tag("lesson/cleanup", "1")
        remove_labelled(lesson, f"{LABEL}=cleanup-test")
    ours = {"label": f"{LABEL}=cleanup-test"}
    assert client.api.containers(all=True, filters=ours) == []
    assert client.api.networks(filters=ours) == []
    assert not client.api.volumes(filters=ours)["Volumes"]
    names = [tag for image in client.api.images() for tag in image["RepoTags"] or ()]
    assert BUSYBOX in names
    assert "lesson/cleanup:1" not in names
    assert "lesson/other:1" in names
    client.images.remove(str(image.id), force=True)
    other.reload()
    assert other.status == "created"
