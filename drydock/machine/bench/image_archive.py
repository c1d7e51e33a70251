"""Loading an image: an archive in the format of ``docker save``, with a real image's files, new for every load.

A daemon skips layers that it has. So the files of an image are exported once, as one layer, and a file of random bytes
is added before each load. No tag, image or layer that a daemon had before is changed.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tarfile
from collections.abc import Iterable
from pathlib import Path

import docker

from drydock.core.tar_member import add_bytes
from drydock.machine.bench.workload import LABELS, timed

#: Thousands of small and large files, like the images that students load; about 110 MB.
IMAGE = "drydock/python:3.13"


class ImageArchive:
    """An image's files in ``folder``, to be loaded into several daemons."""

    def __init__(self, client: docker.DockerClient, folder: Path) -> None:
        self._layer, self._file = folder / "layer.tar", folder / "image.tar"
        container = client.containers.create(IMAGE, "true", labels=LABELS)
        try:
            with self._layer.open("wb") as layer:
                chunks: Iterable[bytes] = container.export()  # type: ignore[assignment]  # the stubs say text
                layer.writelines(chunks)
        finally:
            container.remove()

    def load(self, client: docker.DockerClient) -> float:
        """Load the archive as a new image and remove the image; return the speed of loading in MB/s."""
        tag = f"drydock/bench:{secrets.token_hex(6)}"
        self._write_new(tag)
        with self._file.open("rb") as archive:
            seconds = timed(lambda: client.images.load(archive))
        client.images.remove(tag, force=True)
        return self._file.stat().st_size / 1e6 / seconds

    def _write_new(self, tag: str) -> None:
        """Change the layer, and write an archive of one image that consists of it."""
        with tarfile.open(self._layer, "a") as layer:
            add_bytes(layer, f"bench-{secrets.token_hex(6)}", secrets.token_bytes(64))
        with self._layer.open("rb") as layer_file:
            digest = hashlib.file_digest(layer_file, "sha256").hexdigest()
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["true"], "Labels": LABELS},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "drydock machine bench"}],
        }
        manifest = [{"Config": "config.json", "RepoTags": [tag], "Layers": ["layer.tar"]}]
        with tarfile.open(self._file, "w") as archive:
            add_bytes(archive, "config.json", json.dumps(config).encode())
            add_bytes(archive, "manifest.json", json.dumps(manifest).encode())
            archive.add(self._layer, "layer.tar")
