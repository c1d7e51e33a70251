"""Reads a submitted archive whole before anything is written: a zip or tar, with folders or one archive around it.

An archive is untrusted. It is read within limits, and links in it are left out, as everywhere. What no work has in it
(paths that lead out, too many files, too many bytes) makes it damaged as a whole.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.submission import DEEPEST, NOTEBOOK_ENDING, Executable, belongs
from drydock.submit import FILES_LIMIT, MOST_FILES

#: What one archive may hold in bytes: the files, and a notebook with all its outputs.
LIMIT = FILES_LIMIT + (64 << 20)
#: The endings of names that this module reads, in lower case; what an archive is, its first bytes decide.
SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_ZIP, _GZIP, _BZIP2, _XZ = b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"
#: The memory that unpacking may take, in bytes: an .xz file names the size of its own dictionary.
_MEMORY = 256 << 20
#: The most entries of any kind, folders and links, too: an archive may have a million, which take minutes to read.
_MOST_ENTRIES = 20 * MOST_FILES
#: Each entry in a zip's directory begins with it.
_ENTRY = b"PK\1\2"
_TOO_LARGE, _TOO_MANY = "it is larger than any work may be", f"it has more than {MOST_FILES} files"
_DRIVE = re.compile(r"^[A-Za-z]:")


class DamagedArchive(Exception):
    """The archive can't be read as anybody's work; the message says why."""


def contents(file: Path) -> dict[str, bytes]:
    """Return an archive's files by their relative path, without litter and without folders or one archive around them.

    Raises :class:`DamagedArchive`.
    """
    try:
        if file.stat().st_size > LIMIT:
            raise DamagedArchive(_TOO_LARGE)
        files = _work(file.read_bytes(), depth=1)
    except DamagedArchive:
        raise
    except Exception as error:  # damaged bytes raise whatever Python's own readers did not expect
        raise DamagedArchive(f"it is damaged: {error}"[:200]) from None
    if not files:
        raise DamagedArchive("there are no files in it")
    return files


def is_archive(name: str) -> bool:
    """Return whether a name is that of an archive."""
    return name.lower().endswith(SUFFIXES)


def _work(data: bytes, depth: int) -> dict[str, bytes]:
    members = _zipped(data) if data.startswith(_ZIP) else _tarred(data)
    files = _without_folders(
        {PurePosixPath(path): data for path, data in _within_limits(members) if belongs(PurePosixPath(path))}
    )
    archives = [path for path in files if is_archive(path)]
    if depth and len(archives) == 1 and not any(NOTEBOOK_ENDING.search(path) for path in files):
        return _work(files[archives[0]], depth - 1)
    return files


def _zipped(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise DamagedArchive(_TOO_MANY)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            mode = member.external_attr >> 16
            if not member.is_dir() and (mode & 0o170000) in (0, 0o100000):
                if member.flag_bits & 0x1:
                    raise DamagedArchive("it has a password")
                if member.file_size > LIMIT:
                    raise DamagedArchive(_TOO_LARGE)
                yield _name(member), mode, archive.read(member)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; macOS writes names in UTF-8 without the flag for it."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode()
    except UnicodeError:
        return member.filename


def _tarred(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(_decompressed(data)), mode="r:") as archive:
        for number, member in enumerate(archive):
            if number > _MOST_ENTRIES:
                raise DamagedArchive(_TOO_MANY)
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                if member.size > LIMIT:
                    raise DamagedArchive(_TOO_LARGE)
                yield member.name, member.mode, content.read()


def _decompressed(data: bytes) -> bytes:
    """Return a tar's bytes, whole and within the limit: a few kilobytes can unpack to gigabytes."""
    if data.startswith(_GZIP):
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LIMIT + 1)
    elif data.startswith(_BZIP2):
        data = bz2.BZ2File(io.BytesIO(data)).read(LIMIT + 1)
    elif data.startswith(_XZ):
        data = lzma.LZMADecompressor(memlimit=_MEMORY).decompress(data, LIMIT + 1)
    if len(data) > LIMIT:
        raise DamagedArchive(_TOO_LARGE)
    return data


def _within_limits(members: Iterator[tuple[str, int, bytes]]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for number, (name, mode, data) in enumerate(members, 1):
        total += len(data)
        if total > LIMIT:
            raise DamagedArchive(_TOO_LARGE)
        if number > MOST_FILES:
            raise DamagedArchive(_TOO_MANY)
        yield relative(name), Executable(data) if mode & 0o100 else data


def relative(name: str) -> str:
    """Return a member's path below the student's folder: without a drive or a root, as every unpacking program does.

    Raises :class:`DamagedArchive` for a path that leads out of it.
    """
    path = PurePosixPath(_DRIVE.sub("", name.replace("\\", "/")).lstrip("/"))
    if ".." in path.parts or "\0" in name or not path.parts or len(path.parts) > DEEPEST:
        raise DamagedArchive(f"it wants to write to {name[:80]!r}")
    return path.as_posix()


def _without_folders(files: Mapping[PurePosixPath, bytes]) -> dict[str, bytes]:
    """Return the files by their paths from the deepest folder that all of them lie in, as a packed home folder has."""
    around = os.path.commonpath([path.parent for path in files]) if files else ""
    return {path.relative_to(around).as_posix(): data for path, data in files.items()}
