"""Image load: an archive as ``docker save`` writes it, of a real image's files, and new to every daemon each time.

A daemon leaves out layers that it knows. So the files of an image are taken once, as one layer, and before each load
a file of random bytes is added to it: no tag, image or layer that anybody has is touched.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import tarfile
from collections.abc import Iterable
from pathlib import Path

import docker

from drydock.machine.bench.workload import LABELS, timed

#: Thousands of files small and large, as what a student loads; about 110 MB.
IMAGE = "drydock/python:3.13"


class Archive:
    """An image's files in ``folder``, to be loaded into one daemon after the other."""

    def __init__(self, client: docker.DockerClient, folder: Path) -> None:
        self._layer, self._file = folder / "layer.tar", folder / "image.tar"
        container = client.containers.create(IMAGE, "true", labels=LABELS)
        try:
            with self._layer.open("wb") as layer:
                pieces: Iterable[bytes] = container.export()  # type: ignore[assignment]  # the stubs say text
                layer.writelines(pieces)
        finally:
            container.remove()

    def load(self, client: docker.DockerClient) -> float:
        """Load it and remove it again; MB/s of the loading."""
        tag = f"drydock/bench:{secrets.token_hex(6)}"
        self._renew(tag)
        with self._file.open("rb") as data:
            seconds = timed(lambda: client.images.load(data))
        client.images.remove(tag, force=True)
        return self._file.stat().st_size / 1e6 / seconds

    def _renew(self, tag: str) -> None:
        with tarfile.open(self._layer, "a") as layer:
            _add(layer, f"bench-{secrets.token_hex(6)}", secrets.token_bytes(64))
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
            _add(archive, "config.json", json.dumps(config).encode())
            _add(archive, "manifest.json", json.dumps(manifest).encode())
            archive.add(self._layer, "layer.tar")


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o644
    archive.addfile(entry, io.BytesIO(data))
