"""A small apt repository inside an image, so that ``apt-get install`` there needs no network."""

from __future__ import annotations

import hashlib
from pathlib import Path

from drydock.images.deb_package import DebPackage
from drydock.images.layer_tar import Layer

#: The repository's folder in the image.
FOLDER = "srv/apt"

#: The image's only line of apt sources. ``trusted=yes`` because the repository is unsigned: it is part of the image.
SOURCE = f"deb [trusted=yes] file:/{FOLDER} ./\n"

#: apt requires a date; a fixed one keeps the layer reproducible.
_DATE = "Wed, 01 Jan 2025 00:00:00 UTC"


def write(layer: Layer, debs: list[Path]) -> None:
    """Add the package files, the index files ``Packages`` and ``Release``, and the image's ``sources.list``."""
    entries = []
    for path in debs:
        data, package = path.read_bytes(), DebPackage(path)
        name = f"{package.name}.deb"  # the downloaded name may contain %3a, which apt would decode
        layer.add(f"{FOLDER}/{name}", data)
        entries.append(f"{package.stanza}\nFilename: ./{name}\nSize: {len(data)}\nSHA256: {_sha256(data)}\n")
    packages = "\n".join(entries).encode()
    layer.add(f"{FOLDER}/Packages", packages)
    release = f"Suite: workbench\nDate: {_DATE}\nSHA256:\n {_sha256(packages)} {len(packages)} Packages\n"
    layer.add(f"{FOLDER}/Release", release.encode())
    layer.add("etc/apt/sources.list", SOURCE.encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
