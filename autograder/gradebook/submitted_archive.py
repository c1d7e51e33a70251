"""Reads a submitted archive whole before anything is written: a zip or tar, with one folder or archive around it.

An archive is untrusted. It is read within limits; what no work has in it (paths that lead out, links, too many
files, too many bytes) makes it damaged as a whole.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.gradebook.intake import LITTER
from autograder.submission import COLLECTED, Executable
from drydock.submit import FILES_LIMIT, MOST_FILES

#: What one archive may hold in bytes: the files, and a notebook with all its outputs.
LIMIT = FILES_LIMIT + (64 << 20)
_GZIP = b"\x1f\x8b"
#: The endings of names that this module reads, in lower case.
SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar")


class DamagedArchive(Exception):
    """The archive can't be read as anybody's work; the message says why."""


def contents(file: Path) -> dict[str, bytes]:
    """Return an archive's files by their relative path, without litter and without one folder or archive around them.

    Raises :class:`DamagedArchive`.
    """
    try:
        return _work(file.name, file.read_bytes() if file.stat().st_size <= LIMIT else b"", depth=1)
    except DamagedArchive:
        raise
    except Exception as error:  # damaged bytes raise whatever Python's own readers did not expect
        raise DamagedArchive(f"it is damaged: {error}"[:200]) from None


def is_archive(name: str) -> bool:
    """Return whether a name is that of an archive."""
    return name.lower().endswith(SUFFIXES)


def _work(name: str, data: bytes, depth: int) -> dict[str, bytes]:
    members = _zipped(data) if name.lower().endswith(".zip") else _tarred(data)
    files = {path: content for path, content in _within_limits(members) if _belongs(path)}
    files = _without_folder(files)
    [(inner, content)] = files.items() if len(files) == 1 else [("", b"")]
    if depth and is_archive(inner):
        return _work(inner, content, depth - 1)
    return {path: content for path, content in files.items() if PurePosixPath(path).name not in COLLECTED}


def _zipped(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                mode = member.external_attr >> 16
                if mode and (mode & 0o170000) not in (0, 0o100000):
                    raise DamagedArchive(f"{member.filename[:80]!r} is a link or a device")
                if member.file_size > LIMIT:
                    raise DamagedArchive("it is larger than any work may be")
                yield member.filename, mode, archive.read(member)


def _tarred(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    if data[:2] == _GZIP:
        # Whole, and within the limit: a few kilobytes can unpack to gigabytes, and skipping them takes long.
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LIMIT + 1)
        if len(data) > LIMIT:
            raise DamagedArchive("it is larger than any work may be")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            if member.isdir():
                continue
            content = archive.extractfile(member) if member.isfile() else None
            if content is None:
                raise DamagedArchive(f"{member.name[:80]!r} is a link or a device")
            if member.size > LIMIT:
                raise DamagedArchive("it is larger than any work may be")
            yield member.name, member.mode, content.read()


def _within_limits(members: Iterator[tuple[str, int, bytes]]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for number, (name, mode, data) in enumerate(members, 1):
        total += len(data)
        if total > LIMIT:
            raise DamagedArchive("it is larger than any work may be")
        if number > MOST_FILES:
            raise DamagedArchive(f"it has more than {MOST_FILES} files")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
            raise DamagedArchive(f"it wants to write to {name[:80]!r}")
        yield path.as_posix(), Executable(data) if mode & 0o100 else data


def _belongs(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return LITTER.isdisjoint(parts) and not parts[-1].startswith("._")


def _without_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files without the one folder that all of them lie in."""
    tops = {PurePosixPath(path).parts[0] for path in files}
    if len(tops) != 1 or any(len(PurePosixPath(path).parts) == 1 for path in files):
        return dict(files)
    return {PurePosixPath(*PurePosixPath(path).parts[1:]).as_posix(): data for path, data in files.items()}
