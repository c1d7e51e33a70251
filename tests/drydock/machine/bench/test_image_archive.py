"""Loading an image archive that is new each time."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any, cast

import docker
import pytest

from drydock.machine.bench.image_archive import IMAGE, ImageArchive


class Daemon:
    """A replacement for a daemon: it exports one small layer, and stores the archives that it should load."""

    def __init__(self, layer: bytes) -> None:
        self.containers = self.images = self
        self.layer, self.loaded, self.removed = layer, list[dict[str, bytes]](), list[str]()

    def create(self, *_: object, **__: object) -> Daemon:
        """Return this object as the container."""
        return self

    def export(self) -> list[bytes]:
        """Return the layer in two chunks, like a stream."""
        return [self.layer[:700], self.layer[700:]]

    def load(self, data: Any) -> None:
        """Store each member of the archive by its name."""
        with tarfile.open(fileobj=data) as archive:
            members = {member.name: archive.extractfile(member) for member in archive}
            self.loaded.append({name: file.read() for name, file in members.items() if file})

    def remove(self, name: str = "the container", **_: object) -> None:
        """Record the name of what is removed."""
        self.removed.append(name)


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    """A daemon whose image has one file."""
    (tmp_path / "file").write_text("a file of the image")
    with tarfile.open(tmp_path / "tar", "w") as layer:
        layer.add(tmp_path / "file", "file")
    return Daemon((tmp_path / "tar").read_bytes())


def test_each_load_is_a_new_image(daemon: Daemon, tmp_path: Path) -> None:
    """Layer, image and tag differ from load to load, so that a daemon can skip nothing; each tag is removed."""
    archive = ImageArchive(cast(docker.DockerClient, daemon), tmp_path)
    speeds = [archive.load(cast(docker.DockerClient, daemon)) for _ in range(2)]
    assert all(speed > 0 for speed in speeds)
    configs = [json.loads(members["config.json"])["rootfs"]["diff_ids"] for members in daemon.loaded]
    tags = [json.loads(members["manifest.json"])[0]["RepoTags"] for members in daemon.loaded]
    assert configs[0] != configs[1]
    assert tags[0] != tags[1]
    assert daemon.removed == ["the container", *tags[0], *tags[1]]


@pytest.mark.live
def test_a_real_daemon_loads_it(client: docker.DockerClient, tmp_path: Path) -> None:
    """The image is loaded and removed, and the image that its files came from is unchanged."""
    before = {image.id for image in client.images.list(all=True)}
    assert ImageArchive(client, tmp_path).load(client) > 0
    assert {image.id for image in client.images.list(all=True)} == before
    assert client.images.get(IMAGE).tags == [IMAGE]
