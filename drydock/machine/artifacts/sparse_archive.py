"""Folders in one tar stream, with holes of sparse files left out and every file's SHA-256 in an index.

A file is stored as one member for each piece of data in it, ``NAME@OFFSET``. The last member is ``index.json`` with
the size, mode and SHA-256 of each file and the target of each link. A truncated stream has no index, and a changed file
doesn't match the index.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from drydock.core.tar_member import add_bytes

#: The name of the last member.
INDEX = "index.json"
#: No index that we write is longer; bytes.
MAX_INDEX_BYTES = 4 << 20
_BLOCK = 1 << 20

Index = dict[str, dict[str, Any]]


class ArchiveDamaged(Exception):
    """A stream with a file that does not match the index; ``str()`` is the reason, as a sentence without its period."""


def write(archive: tarfile.TarFile, folders: Mapping[str, Path], left_out: str = "") -> None:
    """Append the files of each folder, under the folder's key, and the index; files named ``left_out`` are skipped."""
    index: Index = {}
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            if path.name != left_out:
                _add(archive, f"{name}/{path.relative_to(folder)}", path, index)
    add_bytes(archive, INDEX, json.dumps(index).encode())


def _add(archive: tarfile.TarFile, name: str, path: Path, index: Index) -> None:
    if path.is_symlink():
        index[name] = {"link": str(path.readlink())}
    elif path.is_file():
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            for offset, length in _data_ranges(stream):
                member = tarfile.TarInfo(f"{name}@{offset}")
                member.size = length
                stream.seek(offset)
                archive.addfile(member, HashingReader(stream, digest))
        stat = path.stat()
        index[name] = {"size": stat.st_size, "mode": stat.st_mode & 0o777, "sha256": digest.hexdigest()}


def _data_ranges(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield offset and length of each piece of a file that is not a hole."""
    size, offset = os.fstat(stream.fileno()).st_size, 0
    while offset < size:
        try:
            start = os.lseek(stream.fileno(), offset, os.SEEK_DATA)
        except OSError:  # the rest of the file is a hole
            return
        offset = os.lseek(stream.fileno(), start, os.SEEK_HOLE)
        yield start, offset - start


class HashingReader(io.RawIOBase):
    """A stream whose data are hashed while they are read."""

    def __init__(self, stream: IO[bytes], digest: hashlib._Hash) -> None:
        self._stream = stream
        self._digest = digest

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size`` of them; all that are left by default."""
        data = self._stream.read(size)
        self._digest.update(data)
        return data


class Extraction:
    """Files that are being extracted from such a stream to an empty folder."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._digests: dict[str, hashlib._Hash] = {}

    def add(self, member: tarfile.TarInfo, content: IO[bytes]) -> None:
        """Write one piece of a file. Raises :class:`ValueError` for a name without an offset or outside the folder."""
        name, _, offset = member.name.rpartition("@")
        file = self._target / name
        if not (name and offset.isdecimal() and file.resolve().is_relative_to(self._target.resolve())):
            raise ValueError(f"{member.name!r} is not a valid name")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        digest = self._digests.setdefault(name, hashlib.sha256())
        with file.open("r+b") as stream:
            stream.seek(int(offset))
            while block := content.read(_BLOCK):
                digest.update(block)
                stream.write(block)

    def finish(self, index: Index) -> None:
        """Compare all files with the index, and set their sizes, modes and links.

        Raises :class:`ArchiveDamaged` for a file that is not in the index or has another hash.
        """
        if not set(self._digests) <= set(index):
            raise ArchiveDamaged("It was changed after it was made: it has a file that its index doesn't list")
        for name, entry in index.items():
            file = self._target / name
            # A link is in the index once; a second name of the same path would change the file that it leads to.
            if file.is_symlink() or not file.parent.resolve().is_relative_to(self._target.resolve()):
                raise ArchiveDamaged("A name in its index leads out of it")
            file.parent.mkdir(parents=True, exist_ok=True)
            if "link" in entry:
                file.symlink_to(entry["link"])
            else:
                self._finish_file(name, file, entry)

    def _finish_file(self, name: str, file: Path, entry: dict[str, Any]) -> None:
        if self._digests.get(name, hashlib.sha256()).hexdigest() != entry["sha256"]:
            raise ArchiveDamaged(f"It was changed after it was made: {name} does not match its index")
        file.touch()
        os.truncate(file, entry["size"])
        file.chmod(entry["mode"])
