"""Open the archive that ``docker save`` writes, and make one that ``docker load`` takes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any


def unpack(archive: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return the image configuration and the layers, the lowest first, each as an uncompressed tar archive."""
    with open_tar(archive) as members:

        def read(name: str) -> bytes:
            file = members.extractfile(name)
            assert file is not None
            return file.read()

        manifest = json.loads(read("manifest.json"))[0]
        return json.loads(read(manifest["Config"])), [_uncompressed(read(name)) for name in manifest["Layers"]]


def _uncompressed(content: bytes) -> bytes:
    """Return the content without gzip, which some daemons use inside of the archive."""
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def open_tar(content: bytes) -> tarfile.TarFile:
    """Return a tar archive, opened for reading."""
    return tarfile.open(fileobj=io.BytesIO(content))


def tar(files: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of these files, which is what a layer is."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def digest(content: bytes) -> str:
    """Return the digest by which Docker identifies a content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def pack(name: str, config: Mapping[str, Any], layers: Sequence[bytes]) -> bytes:
    """Return the archive of an image of these layers, the lowest first, with the settings of a configuration."""
    root = {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}
    files = {f"{number}.tar": layer for number, layer in enumerate(layers)}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": list(files)}]
    files["config.json"] = json.dumps({**config, "history": [], "rootfs": root}).encode()
    files["manifest.json"] = json.dumps(manifest).encode()
    return tar(files)
