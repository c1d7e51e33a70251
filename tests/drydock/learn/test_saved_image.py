"""The files of a saved image."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

from drydock.learn.saved_image import saved_files


class Saved:
    """An image with these files in its archive, beside a folder."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def save(self) -> list[bytes]:
        """Return the archive in two parts, as a daemon sends many."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            folder = tarfile.TarInfo("blobs")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
            for name, content in self._files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return [buffer.getvalue()[:700], buffer.getvalue()[700:]]


def test_compressed_layers_are_unpacked() -> None:
    """The classic image store writes layers as they are, the containerd image store compresses them."""
    image: Any = Saved({"index.json": b"{}", "classic": b"open sesame", "packed": gzip.compress(b"open sesame")})
    assert list(saved_files(image)) == [b"{}", b"open sesame", b"open sesame"]
