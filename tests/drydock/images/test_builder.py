"""Building the images in a daemon: once, with our labels, and again only after a change."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from drydock import images
from drydock.core import paths
from drydock.core.endpoint import Endpoint
from drydock.errors import ImageBuildFailed
from drydock.images import build_context, builder

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has all images."""
    with closing(host.client(timeout=300)) as client:
        images.build(client)
        yield client


@pytest.fixture
def renamed(client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[images.Image]:
    """The recipe of busybox under another tag, as the only recipe: a test may build and replace its image."""
    busybox = images.recipes()[0]
    contexts = build_context.ensure([busybox])
    monkeypatch.setattr(build_context, "ensure", lambda _: contexts)
    recipe = dataclasses.replace(busybox, tag="drydock/test-of-images:1")
    vars(recipe)["key"] = "1" * 32  # as a label it gives the image an id of its own, though the files are the same
    monkeypatch.setattr(builder, "recipes", lambda: [recipe])
    yield recipe
    try:
        client.images.remove(recipe.tag, force=True)
    except ImageNotFound:
        return


def test_the_second_call_builds_nothing(client: docker.DockerClient, capsys: pytest.CaptureFixture[str]) -> None:
    """In a daemon that has all images, nothing is built."""
    assert images.build(client) == []
    assert capsys.readouterr().err == ""


def test_all_are_listed_as_current(client: docker.DockerClient) -> None:
    """`ls` lists every image with its size, as of today's recipe."""
    statuses = images.ls(client)
    assert [status.image.name for status in statuses] == [image.name for image in images.recipes()]
    assert all(status.current and status.size for status in statuses)


def test_each_image_has_our_labels(client: docker.DockerClient) -> None:
    """The labels distinguish our images from other images in the daemon."""
    for image in images.recipes():
        labels = client.images.get(image.tag).labels
        assert paths.LABEL in labels
        assert labels[images.KEY_LABEL] == image.key


def test_a_missing_image_is_built(client: docker.DockerClient, renamed: images.Image) -> None:
    """A missing image is not current; after a build it is."""
    assert not images.ls(client)[0].current
    assert images.build(client, ["busybox"]) == [renamed]
    assert images.ls(client)[0].current


def test_an_outdated_image_is_replaced(
    client: docker.DockerClient, renamed: images.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of the recipe, the new image gets the tag and the old image is removed."""
    images.build(client)
    before = client.images.get(renamed.tag).id
    changed = dataclasses.replace(renamed)
    vars(changed)["key"] = "0" * 32
    monkeypatch.setattr(builder, "recipes", lambda: [changed])
    assert not images.ls(client)[0].current
    assert images.build(client) == [changed]
    assert client.images.get(renamed.tag).id != before
    with pytest.raises(ImageNotFound):
        client.images.get(str(before))


def test_an_outdated_image_with_another_tag_is_kept(
    client: docker.DockerClient, renamed: images.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tag that somebody else gave to our image still names the old image after a build."""
    images.build(client)
    before = client.images.get(renamed.tag)
    before.tag("drydock/test-of-images", "kept")
    try:
        changed = dataclasses.replace(renamed)
        vars(changed)["key"] = "0" * 32
        monkeypatch.setattr(builder, "recipes", lambda: [changed])
        images.build(client)
        assert client.images.get("drydock/test-of-images:kept").id == before.id
    finally:
        client.images.remove("drydock/test-of-images:kept")


def test_a_failed_build_shows_the_daemons_message(
    client: docker.DockerClient, renamed: images.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the daemon's own message."""
    broken = build_context.BuildContext(tmp_path, "0" * 64)
    (tmp_path / "context.tar").write_bytes(b"")
    monkeypatch.setattr(build_context, "ensure", lambda _: {"busybox": broken})
    with pytest.raises(ImageBuildFailed, match="Dockerfile"):
        images.build(client)
