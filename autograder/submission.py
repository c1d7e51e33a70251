"""What a student submitted, and how it travels to another process or another computer."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from drydock.submit import FILES_LIMIT, MOST_FILES, is_litter

#: The page for instructors beside an assignment's notebook; neither a student nor a graded notebook gets it.
INSTRUCTOR_PAGE = "instructor.md"
#: Collecting writes this file where the time of a submission is only what the name of its own zip says.
CLAIMED_TIME = "claimed_time.txt"
#: The name that a ``timestamp.txt`` without a time gets, since nbgrader would stop at it for the whole class.
UNREADABLE_TIME = "unreadable_timestamp.txt"
#: Other years are no time of a submission, and some of them can't be written so that nbgrader reads the same.
PLAUSIBLE_YEARS = range(1900, 2200)
#: What collecting puts beside a notebook; it is no part of the work, and a student's own says nothing.
COLLECTED = {"timestamp.txt", "submission_secret.txt", CLAIMED_TIME, UNREADABLE_TIME}
#: The ending of a notebook's name: Safari and mail programs add one of their own, and so may a dot or a space.
NOTEBOOK_ENDING = re.compile(r"\.ipynb(?:\.(?:txt|json))?[ .]*$", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Folders below the work that are looked into; more could exceed what paths and recursion can take.
DEEPEST = 40


class Executable(bytes):
    """The bytes of a file that has the execute bit; other files are plain bytes."""


@dataclass(frozen=True)
class Submission:
    """A notebook, and the files beside it by their relative path."""

    student: str
    assignment: str
    notebook: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: Why there is nothing to grade, for the student; empty when there is.
    problem: str = ""

    def digest(self) -> str:
        """Changes when any byte of the work does; whose it is and what it is for count too."""
        parts = [self.student.encode(), self.assignment.encode(), self.notebook]
        for path, data in sorted(self.files.items()):
            parts += [path.encode(), data, b"executable" if isinstance(data, Executable) else b""]
        return digest([*parts, self.problem.encode()])

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        notebook = base64.b64encode(self.notebook).decode()
        files = files_to_json(self.files)
        return {
            "student": self.student,
            "assignment": self.assignment,
            "notebook": notebook,
            "files": files,
            "problem": self.problem,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Submission:
        """Return the submission that :meth:`to_json` wrote."""
        files, notebook = files_from_json(data["files"]), base64.b64decode(data["notebook"])
        return cls(data["student"], data["assignment"], notebook, files, data["problem"])


def files_to_json(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return files by their relative path as a dictionary of plain values."""
    return {
        path: ("x" if isinstance(data, Executable) else "") + ":" + base64.b64encode(data).decode()
        for path, data in files.items()
    }


def files_from_json(data: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files that :func:`files_to_json` wrote."""
    files = {}
    for path, text in data.items():
        mode, _, encoded = text.partition(":")
        files[path] = Executable(base64.b64decode(encoded)) if mode == "x" else base64.b64decode(encoded)
    return files


def files_beside(folder: Path) -> dict[str, bytes]:
    """Return a folder's files that are no notebooks, by their relative path.

    Links, pipes, what can't be read, names that are no text, and folders too deep are left out; so is what exceeds the
    limits of bytes and of files, of which the ones deepest in folders come last.
    """
    files: dict[str, bytes] = {}
    room = FILES_LIMIT
    for file in sorted(files_below(folder), key=lambda file: (len(file.parts), file)):
        path = file.relative_to(folder)
        data = _content(file, room) if len(files) < MOST_FILES and is_beside(path) else None
        if data is not None:
            files[path.as_posix()] = Executable(data) if file.stat().st_mode & 0o100 else data
            room -= len(data)
    return files


def files_below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder that is no folder itself, as deep as :data:`DEEPEST`; no link is followed."""
    folders = [(folder, 0)]
    while folders:
        parent, depth = folders.pop()
        with suppress(OSError), os.scandir(parent) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path)
                elif depth < DEEPEST:
                    folders.append((Path(entry.path), depth + 1))


def belongs(path: PurePath) -> bool:
    """Return whether a file is part of the work by its name: no litter, and nothing that collecting writes."""
    return COLLECTED.isdisjoint(path.parts) and not is_litter(path)


def is_beside(path: PurePath) -> bool:
    """Return whether a file lies beside a notebook as a part of the work, by its name, which is text."""
    return is_text(str(path)) and belongs(path) and not NOTEBOOK_ENDING.search(path.name)


def is_text(name: str) -> bool:
    """Return whether a name can be written as UTF-8; one from another system or an archive may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_text(words: str) -> str:
    """Return words that can be written as UTF-8: a lone surrogate, as JSON can have one, is replaced."""
    return _SURROGATE.sub("\ufffd", words)


def shown(name: str, most: int = 60) -> str:
    """Return the beginning of a student's file name, without characters that a terminal or UTF-8 can't show."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:most])


def _content(file: Path, limit: int) -> bytes | None:
    """Return a plain file's bytes; None for anything else, and for more than ``limit`` bytes."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > limit:
            return None
        return file.read_bytes()
    except OSError:
        return None


def digest(parts: list[bytes]) -> str:
    """Changes when any part does; the lengths keep one part from running into the next."""
    sum_of_all = hashlib.sha256()
    for part in parts:
        sum_of_all.update(len(part).to_bytes(8, "big") + part)
    return sum_of_all.hexdigest()
