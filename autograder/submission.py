"""What a student handed in, and how it travels to another process or another computer."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
        files = {path: base64.b64encode(data).decode() for path, data in self.files.items()}
        notebook = base64.b64encode(self.notebook).decode()
        return {"student": self.student, "assignment": self.assignment, "notebook": notebook, "files": files}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Submission:
        """The submission that :meth:`to_json` told."""
        files = {path: base64.b64decode(text) for path, text in data["files"].items()}
        return cls(data["student"], data["assignment"], base64.b64decode(data["notebook"]), files)


def digest(parts: list[bytes]) -> str:
    """Changes when any part does; the lengths keep one part from running into the next."""
    sum_of_all = hashlib.sha256()
    for part in parts:
        sum_of_all.update(len(part).to_bytes(8, "big") + part)
    return sum_of_all.hexdigest()
