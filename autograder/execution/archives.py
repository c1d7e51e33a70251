"""What goes into the kernel container and what comes out of it, as tar archives: the way Docker carries files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from autograder.errors import TooLarge
from autograder.execution import drydock_stub
from autograder.execution.archive_members import members
from autograder.submission import Executable
from drydock.core.resources import DATA

#: Docker's reasons that are the submission's doing: it has filled the disk, on which Docker creates a folder before it
#: returns an archive; or it left a file in the place of a folder, a path that is too long, or a link to itself.
_THEIR_OWN = (
    "no space left on device",
    "not a directory",
    "file name too long",
    "too many levels of symbolic links",
)


def packed(files: Mapping[str, bytes], below: str = "") -> bytes:
    """These files, by their paths below a folder, as an archive for ``put_archive("/", ...)``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(f"{below}/{path}".lstrip("/"))
            entry.size, entry.mode = len(data), 0o755 if isinstance(data, Executable) else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@cache
def sources(library: str, out: str) -> bytes:
    """What a notebook imports, taken from here so that the image needn't change with the code, and a folder ``out``."""
    files = {f"{out}/.keep": b""}
    for package in ("autograder", "drydock"):
        root = Path(str(resources.files(package)))
        for file in sorted(root.rglob("*.py")):
            if root / DATA not in file.parents:  # an installed Drydock has the course there
                files[f"{library}/{root.name}/{file.relative_to(root)}"] = file.read_bytes()
    files[f"{library}/drydock/__init__.py"] = Path(drydock_stub.__file__).read_bytes()
    return packed(files)


def fetched(container: Container, path: str, limit: int) -> bytes:
    """One file out of a container; empty when it isn't there or is no plain file. Raises :class:`TooLarge`."""
    return _first_file(archived(container, path, limit, "What the notebook printed"))


def archived(container: Container, path: str, limit: int, what: str) -> bytes:
    """An archive of a file, or of what a folder holds (``/folder/.``); empty when it isn't there.

    It is read only as far as ``limit`` goes; more raises :class:`TooLarge`. Nobody unpacks it on this computer.
    """
    archive = bytearray()
    try:
        chunks, _ = container.get_archive(path)
        for chunk in chunks:
            archive += chunk
            if len(archive) > limit:
                raise TooLarge(what, limit)
    except NotFound:
        return b""  # it was never written
    except APIError as error:
        if not any(reason in str(error) for reason in _THEIR_OWN) and _is_there(container):
            raise
        return b""
    return bytes(archive)


def _is_there(container: Container) -> bool:
    """Whether it has files to ask for; one that is on its way out answers with errors of several kinds."""
    try:
        container.reload()
    except NotFound:
        return False
    return container.status not in ("removing", "dead")


def _first_file(archive: bytes) -> bytes:
    try:
        for _, content in members(io.BytesIO(archive), limit=len(archive), mode="r:"):
            return content.read() if content else b""
    except (tarfile.TarError, TooLarge):
        pass  # no file that Docker sends
    return b""
