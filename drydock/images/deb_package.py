"""Reading a Debian package without unpacking it to disk, which keeps the owners and modes of its files."""

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

#: The compression formats of Debian packages, by the suffix of a member's name.
_DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.decompress, ".xz": lzma.decompress}


class DebPackage:
    """One ``.deb`` file: its control data and its files."""

    def __init__(self, path: Path) -> None:
        self._members = dict(_archive_members(path))
        with self._open("control.tar") as tar:
            files = {member.name.removeprefix("./"): tar.extractfile(member) for member in tar}
            #: The control files (``postinst``, ``md5sums``, …) by name.
            self.control = {name: file.read() for name, file in files.items() if file is not None}
        #: The package's paragraph for dpkg's status file or a ``Packages`` index.
        self.stanza = self.control.pop("control").decode().strip()
        fields = dict(line.split(": ", 1) for line in self.stanza.splitlines() if ": " in line and line[0] != " ")
        self.name = fields["Package"]
        #: The name of its files in dpkg's database: with the architecture if several can be installed together.
        same = fields.get("Multi-Arch") == "same"
        self.entry = f"{self.name}:{fields['Architecture']}" if same else self.name

    @contextmanager
    def files(self) -> Iterator[tarfile.TarFile]:
        """Yield the package's files as an open tar archive."""
        with self._open("data.tar") as tar:
            yield tar

    def _open(self, prefix: str) -> tarfile.TarFile:
        name = next(name for name in self._members if name.startswith(prefix))
        # Decompressed as a whole: in a compressed stream, each step back would start again at the beginning.
        data = _DECOMPRESS[name.removeprefix(prefix)](self._members[name])
        return tarfile.open(fileobj=io.BytesIO(data), mode="r:")


def _archive_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each member of a Unix ``ar`` archive, the format of a ``.deb`` (see ``man 5 deb``)."""
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
