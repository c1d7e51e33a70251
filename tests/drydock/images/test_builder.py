"""Building the images in a daemon: once, with our label, and again only when something changed."""

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
from drydock.images import build_context

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has all images."""
    with closing(host.client(timeout=300)) as client:
        images.build(client)
        yield client


@pytest.fixture
def other(client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[images.Image]:
    """The recipe of busybox under another tag, and no other: a test may build and spoil it."""
    busybox = images.recipes()[0]
    made = build_context.ensure([busybox])
    monkeypatch.setattr(build_context, "ensure", lambda _: made)
    recipe = dataclasses.replace(busybox, tag="drydock/test-of-images:1")
    vars(recipe)["key"] = "1" * 32  # by the label it becomes an image of its own, though the bytes are the same
    monkeypatch.setattr(images, "recipes", lambda: [recipe])
    yield recipe
    try:
        client.images.remove(recipe.tag, force=True)
    except ImageNotFound:
        return


def test_the_second_time_nothing_is_built(client: docker.DockerClient, capsys: pytest.CaptureFixture[str]) -> None:
    """A daemon that has all images is left alone."""
    assert images.build(client) == []
    assert capsys.readouterr().err == ""


def test_all_are_listed_as_current(client: docker.DockerClient) -> None:
    """`ls` tells of every image that it is there, how large it is, and that it is today's."""
    found = images.ls(client)
    assert [present.image.name for present in found] == [image.name for image in images.recipes()]
    assert all(present.current and present.size for present in found)


def test_each_carries_our_label(client: docker.DockerClient) -> None:
    """What we put into a daemon can be told from what others did."""
    for image in images.recipes():
        labels = client.images.get(image.tag).labels
        assert paths.LABEL in labels
        assert labels[images.KEY_LABEL] == image.key


def test_a_missing_image_is_built(client: docker.DockerClient, other: images.Image) -> None:
    """An image that isn't there is not current; after a build it is."""
    assert not images.ls(client)[0].current
    assert images.build(client, ["busybox"]) == [other]
    assert images.ls(client)[0].current


def test_an_outdated_image_is_replaced(
    client: docker.DockerClient, other: images.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the recipe changes, the new image takes the tag and the old one goes."""
    images.build(client)
    before = client.images.get(other.tag).id
    later = dataclasses.replace(other)
    vars(later)["key"] = "0" * 32
    monkeypatch.setattr(images, "recipes", lambda: [later])
    assert not images.ls(client)[0].current
    assert images.build(client) == [later]
    assert client.images.get(other.tag).id != before
    with pytest.raises(ImageNotFound):
        client.images.get(str(before))


def test_an_outdated_image_with_another_name_stays(
    client: docker.DockerClient, other: images.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that somebody else gave to our image is theirs: it keeps what it means."""
    images.build(client)
    before = client.images.get(other.tag)
    before.tag("drydock/test-of-images", "kept")
    try:
        later = dataclasses.replace(other)
        vars(later)["key"] = "0" * 32
        monkeypatch.setattr(images, "recipes", lambda: [later])
        images.build(client)
        assert client.images.get("drydock/test-of-images:kept").id == before.id
    finally:
        client.images.remove("drydock/test-of-images:kept")


def test_a_failing_build_says_what_the_daemon_said(
    client: docker.DockerClient, other: images.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon's own words reach the person who waits."""
    broken = build_context.Context(tmp_path, "0" * 64)
    (tmp_path / "context.tar").write_bytes(b"")
    monkeypatch.setattr(build_context, "ensure", lambda _: {"busybox": broken})
    with pytest.raises(ImageBuildFailed, match="Dockerfile"):
        images.build(client)
