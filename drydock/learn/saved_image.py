"""The files in the archive of an image, as ``docker save`` writes it: JSON files and layers."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator

from docker.models.images import Image

_GZIP = b"\x1f\x8b"


def saved_files(image: Image) -> Iterator[bytes]:
    """Yield the content of each file; a layer is a tar archive, which the containerd image store compresses."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(image.save()))) as archive:
        for member in archive:
            if file := archive.extractfile(member):  # None for folders
                content = file.read()
                yield gzip.decompress(content) if content.startswith(_GZIP) else content
