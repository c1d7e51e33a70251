"""Puts a small archive of Debian packages into an image, so that its own ``apt-get install`` needs no network."""

from __future__ import annotations

import hashlib
from pathlib import Path

from drydock.images.deb_package import DebPackage
from drydock.images.layer_tar import Layer

#: Where the archive lies in the image.
FOLDER = "srv/apt"

#: The one line of apt's sources. Nobody signed the archive: it came with the image, whom one trusts or doesn't.
SOURCE = f"deb [trusted=yes] file:/{FOLDER} ./\n"

#: Any fixed date would do; apt wants one.
_DATE = "Wed, 01 Jan 2025 00:00:00 UTC"


def write(layer: Layer, debs: list[Path]) -> None:
    """Add the packages as they are, the lists that apt reads about them, and the source that leads there."""
    entries = []
    for path in debs:
        data = path.read_bytes()
        name = (
            f"{DebPackage(path).name}.deb"  # the name it was downloaded by has characters that apt would take for codes
        )
        layer.add(f"{FOLDER}/{name}", data)
        entries.append(f"{DebPackage(path).stanza}\nFilename: ./{name}\nSize: {len(data)}\nSHA256: {_sha256(data)}\n")
    packages = "\n".join(entries).encode()
    layer.add(f"{FOLDER}/Packages", packages)
    release = f"Suite: workbench\nDate: {_DATE}\nSHA256:\n {_sha256(packages)} {len(packages)} Packages\n"
    layer.add(f"{FOLDER}/Release", release.encode())
    layer.add("etc/apt/sources.list", SOURCE.encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
