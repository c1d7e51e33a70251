"""Makes an archive that ``docker load`` takes, from nothing but layers and the paper that describes them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any


def tar(files: Mapping[str, bytes]) -> bytes:
    """A tar archive of these files: also what one layer is."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def digest(content: bytes) -> str:
    """The fingerprint that Docker names things by."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def pack(name: str, paper: Mapping[str, Any], layers: Sequence[bytes]) -> bytes:
    """An image of these layers, the lowest first; ``paper`` gives it its settings."""
    digests = [digest(layer) for layer in layers]
    described = {**paper, "history": [], "rootfs": {"type": "layers", "diff_ids": digests}}
    files = {f"{number}.tar": layer for number, layer in enumerate(layers)}
    manifest = [{"Config": "paper.json", "RepoTags": [name], "Layers": list(files)}]
    files["paper.json"] = json.dumps(described).encode()
    files["manifest.json"] = json.dumps(manifest).encode()
    return tar(files)
