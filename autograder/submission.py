"""What a student submitted, and how it travels to another process or another computer."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drydock.submit import FILES_LIMIT

#: What nbgrader puts beside a notebook when it collects it.
_COLLECTED = {"timestamp.txt", "submission_secret.txt"}
#: Folders that programs make for themselves.
_LITTER = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Submission:
    """A notebook, and the files beside it by their relative path."""

    student: str
    assignment: str
    notebook: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)

    def digest(self) -> str:
        """Changes when any byte of the work does; whose it is and what it is for count too."""
        parts = [self.student.encode(), self.assignment.encode(), self.notebook]
        parts += [part for path in sorted(self.files) for part in (path.encode(), self.files[path])]
        return digest(parts)

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        notebook = base64.b64encode(self.notebook).decode()
        files = files_to_json(self.files)
        return {"student": self.student, "assignment": self.assignment, "notebook": notebook, "files": files}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Submission:
        """Return the submission that :meth:`to_json` wrote."""
        files = files_from_json(data["files"])
        return cls(data["student"], data["assignment"], base64.b64decode(data["notebook"]), files)


def files_to_json(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return files by their relative path as a dictionary of plain values."""
    return {path: base64.b64encode(data).decode() for path, data in files.items()}


def files_from_json(data: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files that :func:`files_to_json` wrote."""
    return {path: base64.b64decode(text) for path, text in data.items()}


def files_beside(folder: Path) -> dict[str, bytes]:
    """Return a folder's files that are no notebooks, by their relative path, up to a limit of bytes; no links."""
    files, room = {}, FILES_LIMIT
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        plain = file.is_file() and not file.is_symlink() and file.suffix != ".ipynb"
        if plain and file.name not in _COLLECTED and _LITTER.isdisjoint(path.parts) and file.stat().st_size <= room:
            files[path.as_posix()] = file.read_bytes()
            room -= file.stat().st_size
    return files


def digest(parts: list[bytes]) -> str:
    """Changes when any part does; the lengths keep one part from running into the next."""
    sum_of_all = hashlib.sha256()
    for part in parts:
        sum_of_all.update(len(part).to_bytes(8, "big") + part)
    return sum_of_all.hexdigest()
