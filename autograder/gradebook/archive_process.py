"""Reads a submitted archive in a child process that can be killed: the process that serves a class parses none itself.

The files come back through a folder, since all of them together are more than the answer of a call may have.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from autograder.errors import CannotWrite
from autograder.execution.bounded_call import CallFailed, bounded_call
from autograder.gradebook.archive_reader import DamagedArchive, relative
from autograder.gradebook.submitted_archive import Contents, contents
from autograder.submission import Executable, shown

#: More than any archive within the limits takes, also on a busy computer.
_SECONDS = 60.0


def read_archive(file: Path) -> Contents:
    """Return the :func:`~autograder.gradebook.submitted_archive.contents` of an archive, read in a child process.

    Raises :class:`DamagedArchive`, also where reading takes too long or too much memory, and
    :class:`~autograder.errors.CannotWrite` where there is no space for the files.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            answer = bounded_call(_unpack, str(file), folder, seconds=_SECONDS)
        except CallFailed as failure:
            raise DamagedArchive(f"it can't be read: {failure}") from None
        if "damage" in answer:
            raise DamagedArchive(str(answer["damage"]))
        if "trouble" in answer:
            raise CannotWrite(Path(folder), str(answer["trouble"]))
        files = {
            relative(name).as_posix(): _content(Path(folder, str(place)), executable)
            for place, name, executable in answer["files"]
        }
        return Contents(files, shown(str(answer["left_out"]), 1000))


def _unpack(file: str, folder: str) -> dict[str, object]:
    """Run in the child: write the files under numbers, and return each number, path and whether it is executable."""
    try:
        files, left_out = contents(Path(file))
    except DamagedArchive as damage:
        return {"damage": str(damage)}
    try:
        for place, data in enumerate(files.values()):
            Path(folder, str(place)).write_bytes(data)
    except OSError as error:
        return {"trouble": error.strerror or str(error)}
    rows = [(place, name, isinstance(files[name], Executable)) for place, name in enumerate(files)]
    return {"files": rows, "left_out": left_out}


def _content(file: Path, executable: bool) -> bytes:
    data = file.read_bytes()
    return Executable(data) if executable else data
