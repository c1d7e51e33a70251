"""What goes into the kernel container and what comes out of it, as tar archives: the way Docker carries files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from docker.errors import NotFound
from docker.models.containers import Container

import autograder
import drydock
from autograder import inside
from autograder.errors import TooLarge


def packed(files: Mapping[str, bytes]) -> bytes:
    """These files, by their full paths, as an archive for ``put_archive("/", ...)``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@cache
def sources(library: str, out: str) -> bytes:
    """What a notebook imports, taken from here so that the image needn't change with the code, and a folder ``out``."""
    files = {f"{out}/.keep": b""}
    for package in (autograder, drydock):
        root = Path(package.__path__[0])
        for file in sorted(root.rglob("*.py")):
            files[f"{library}/{root.name}/{file.relative_to(root)}"] = file.read_bytes()
    files[f"{library}/drydock/__init__.py"] = Path(inside.__file__).read_bytes()
    return packed(files)


def fetched(container: Container, path: str, limit: int) -> bytes:
    """One file out of a container; empty when it isn't there or is no plain file.

    The archive is read only as far as ``limit`` goes; more raises :class:`TooLarge`.
    """
    archive = bytearray()
    try:
        chunks, _ = container.get_archive(path)
        for chunk in chunks:
            archive += chunk
            if len(archive) > limit:
                raise TooLarge("What the notebook printed", limit)
    except NotFound:
        return b""
    return _first_file(bytes(archive))


def _first_file(archive: bytes) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            first = opened.next()
            content = opened.extractfile(first) if first and first.isreg() else None
            return content.read() if content else b""
    except tarfile.TarError:
        return b""
