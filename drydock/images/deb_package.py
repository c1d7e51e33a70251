"""Reads a Debian package without unpacking it to disk: so owners and modes are what its maintainers meant."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock.errors import BadPackage

_MAGIC = b"!<arch>\n"

#: How Debian packages are compressed.
_UNPACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.decompress, ".xz": lzma.decompress}


class DebPackage:
    """One ``.deb`` file: what it says about itself, and its files."""

    def __init__(self, path: Path) -> None:
        self._parts = dict(_archive_members(path))
        with self._open("control.tar") as tar:
            files = {member.name.removeprefix("./"): tar.extractfile(member) for member in tar}
            #: The control files (``postinst``, ``md5sums``, …) by name.
            self.control = {name: file.read() for name, file in files.items() if file is not None}
        self.stanza = self.control.pop("control").decode().strip()
        fields = dict(line.split(": ", 1) for line in self.stanza.splitlines() if ": " in line and line[0] != " ")
        self.name = fields["Package"]
        #: The name dpkg's database uses for its files: with the architecture where several can be installed.
        same = fields.get("Multi-Arch") == "same"
        self.entry = f"{self.name}:{fields['Architecture']}" if same else self.name

    @contextmanager
    def files(self) -> Iterator[tarfile.TarFile]:
        """The package's files as an open tar."""
        with self._open("data.tar") as tar:
            yield tar

    def _open(self, prefix: str) -> tarfile.TarFile:
        name = next(name for name in self._parts if name.startswith(prefix))
        # Unpacked at once: in a compressed stream each step back would start from the beginning.
        return tarfile.open(fileobj=io.BytesIO(_UNPACK[name.removeprefix(prefix)](self._parts[name])), mode="r:")


def _archive_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """The members of a Unix ``ar`` archive, which is what a ``.deb`` is (see ``man 5 deb``)."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise BadPackage(path)
        while header := file.read(60):
            if len(header) != 60 or header[58:] != b"`\n":
                raise BadPackage(path)
            size = int(header[48:58])
            content = file.read(size)
            if len(content) != size:
                raise BadPackage(path)
            yield header[:16].decode().strip().rstrip("/"), content
            file.seek(size % 2, io.SEEK_CUR)
