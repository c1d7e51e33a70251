"""The files in a zip or tar, each with a function that reads it: names and sizes show what is needed, before that.

An archive is untrusted: links and devices in it are left out, and paths that lead out make it damaged.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

from autograder.submission import DEEPEST
from drydock.submit import FILES_LIMIT, MOST_FILES

#: What one archive may hold in bytes: the files, and a notebook with all its outputs.
LIMIT = FILES_LIMIT + (64 << 20)
TOO_LARGE, TOO_MANY = "it is larger than any work may be", f"it has more than {MOST_FILES} files"
_ZIP, _GZIP, _BZIP2, _XZ = b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"
#: The memory that unpacking may take, in bytes: an .xz file names the size of its own dictionary.
_MEMORY = 256 << 20
#: The most entries of any kind, folders and links, too: an archive may have a million, which take minutes to read.
_MOST_ENTRIES = 20 * MOST_FILES
#: Each entry in a zip's directory begins with it.
_ENTRY = b"PK\1\2"
_DRIVE = re.compile(r"^[A-Za-z]:")


class DamagedArchive(Exception):
    """The archive can't be read as anybody's work; the message says why."""


class Member(NamedTuple):
    """A file in an archive before it is read; ``size`` is what the archive says."""

    path: PurePosixPath
    mode: int
    size: int
    read: Callable[[], bytes]


def members(data: bytes) -> Iterator[Member]:
    """Yield the files in an archive, whose first bytes say which kind it is; raises :class:`DamagedArchive`."""
    return _zipped(data) if data.startswith(_ZIP) else _tarred(data)


def relative(name: str) -> PurePosixPath:
    """Return a member's path below the student's folder: without a drive or a root, as every unpacking program does.

    Raises :class:`DamagedArchive` for a path that leads out of it.
    """
    path = PurePosixPath(_DRIVE.sub("", name.replace("\\", "/")).lstrip("/"))
    if ".." in path.parts or "\0" in name or not path.parts or len(path.parts) > DEEPEST:
        raise DamagedArchive(f"it wants to write to {name[:80]!r}")
    return path


def _zipped(data: bytes) -> Iterator[Member]:
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise DamagedArchive(TOO_MANY)
    archive = zipfile.ZipFile(io.BytesIO(data))
    for member in archive.infolist():
        mode = member.external_attr >> 16
        is_folder = member.filename.endswith(("/", "\\")) and not member.file_size  # some write Windows' separator
        if not is_folder and (mode & 0o170000) in (0, 0o100000):
            yield Member(relative(_name(member)), mode, member.file_size, partial(_unzipped, archive, member))


def _unzipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 0x1:
        raise DamagedArchive("it has a password")
    return archive.read(member)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; macOS writes names in UTF-8 without the flag for it."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode()
    except UnicodeError:
        return member.filename


def _tarred(data: bytes) -> Iterator[Member]:
    # Not closed: it has bytes in memory only, and its members are read later.
    archive = tarfile.open(fileobj=io.BytesIO(_decompressed(data)), mode="r:")  # noqa: SIM115
    for number, member in enumerate(archive):
        if number > _MOST_ENTRIES:
            raise DamagedArchive(TOO_MANY)
        content = archive.extractfile(member) if member.isreg() else None
        if content is not None:
            yield Member(relative(member.name), member.mode, member.size, content.read)


def _decompressed(data: bytes) -> bytes:
    """Return a tar's bytes, whole and within the limit: a few kilobytes can unpack to gigabytes."""
    if data.startswith(_GZIP):
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LIMIT + 1)
    elif data.startswith(_BZIP2):
        data = bz2.BZ2File(io.BytesIO(data)).read(LIMIT + 1)
    elif data.startswith(_XZ):
        data = lzma.LZMADecompressor(memlimit=_MEMORY).decompress(data, LIMIT + 1)
    if len(data) > LIMIT:
        raise DamagedArchive(TOO_LARGE)
    return data
