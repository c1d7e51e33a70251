"""Reads a submitted archive whole before anything is written: a zip or tar, with folders or one archive around it.

An archive is untrusted. It is read within limits, and links in it are left out, as everywhere. Litter is not even read,
and files beyond the limits are left out, the notebook last of all. Paths that lead out make an archive damaged as a
whole, and so do too many files or bytes where no notebook is among the ones that were read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from autograder.gradebook.archive_reader import LIMIT, TOO_LARGE, TOO_MANY, DamagedArchive, Member, members
from autograder.submission import NOTEBOOK_ENDING, Executable, belongs, shown
from drydock.submit import MOST_FILES

#: The endings of names that this module reads, in lower case; what an archive is, its first bytes decide.
SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_MOST_NAMES = 5


class Contents(NamedTuple):
    """An archive's files by their relative path, and in words what was left out, since it exceeds the limits."""

    files: dict[str, bytes]
    left_out: str = ""


def contents(file: Path) -> Contents:
    """Return what an archive holds, without litter and without folders or one archive around it.

    Raises :class:`DamagedArchive`.
    """
    try:
        if file.stat().st_size > LIMIT:
            raise DamagedArchive(TOO_LARGE)
        read = _work(file.read_bytes(), depth=1)
    except DamagedArchive:
        raise
    except Exception as error:  # damaged bytes raise whatever Python's own readers did not expect
        raise DamagedArchive(f"it is damaged: {error}"[:200]) from None
    if not read.files:
        raise DamagedArchive("there are no files in it")
    return read


def is_archive(name: str) -> bool:
    """Return whether a name is that of an archive."""
    return name.lower().endswith(SUFFIXES)


def _work(data: bytes, depth: int) -> Contents:
    read, left_out = _within_limits([member for member in members(data) if belongs(member.path)])
    files = _without_folders(read)
    archives = [path for path in files if is_archive(path)]
    has_notebook = any(NOTEBOOK_ENDING.search(path) for path in files)
    if depth and len(archives) == 1 and not has_notebook:
        return _work(files[archives[0]], depth - 1)
    if left_out and not has_notebook:
        raise DamagedArchive(TOO_MANY if len(files) > MOST_FILES else TOO_LARGE)
    return Contents(files, listed([path.as_posix() for path in left_out]))


def _within_limits(work: Sequence[Member]) -> tuple[dict[PurePosixPath, bytes], list[PurePosixPath]]:
    """Read as many files as collecting takes, and return the paths of the others: what can't be graded comes last."""
    files: dict[PurePosixPath, bytes] = {}
    left_out, room = [], LIMIT
    for member in sorted(work, key=_order):
        if len(files) > MOST_FILES or member.size > room:
            left_out.append(member.path)
            continue
        data = member.read()
        room -= len(data)
        files[member.path] = Executable(data) if member.mode & 0o100 else data
    return files, left_out


def _order(member: Member) -> tuple[bool, int]:
    """Notebooks and archives come first, then files in few folders."""
    name = member.path.name
    return not (NOTEBOOK_ENDING.search(name) or is_archive(name)), len(member.path.parts)


def listed(names: Sequence[str]) -> str:
    """Return the first of some names, fit to be shown, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(shown(name, 120) for name in names[:_MOST_NAMES]) + more


def _without_folders(files: Mapping[PurePosixPath, bytes]) -> dict[str, bytes]:
    """Return the files by their paths from the deepest folder that all of them lie in, as a packed home folder has."""
    around = os.path.commonpath([path.parent for path in files]) if files else ""
    return {path.relative_to(around).as_posix(): data for path, data in files.items()}
