"""What a student has done so far: a small file in the course folder, which is the student's alone."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.core.files import write_atomically

#: The file's name; a leading dot keeps it out of JupyterLab's file browser.
NAME = ".drydock-progress.json"


@dataclass(frozen=True)
class StudentProgress:
    """The exercises that passed, by lesson: ``{"03_ports": {"loopback": "2026-11-28 19:02"}}``."""

    file: Path

    @classmethod
    def of(cls, course: Path) -> StudentProgress:
        """Return the progress that a course folder keeps."""
        return cls(course / NAME)

    def read(self) -> dict[str, dict[str, str]]:
        """Return what is kept; nothing where the file is missing or damaged."""
        try:
            kept = json.loads(self.file.read_text())
            return {str(lesson): {str(key): str(when) for key, when in done.items()} for lesson, done in kept.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def done(self, lesson: str) -> Mapping[str, str]:
        """Return a lesson's passed exercises, each with the local time at which it first passed."""
        return self.read().get(lesson, {})

    def keep(self, lesson: str, exercise: str) -> None:
        """Add a passed exercise; a folder that can't be written keeps nothing, and the lesson goes on."""
        kept = self.read()
        if exercise in kept.get(lesson, {}):
            return
        kept.setdefault(lesson, {})[exercise] = time.strftime("%Y-%m-%d %H:%M")
        with suppress(OSError):
            write_atomically(self.file, json.dumps(kept, indent=1, sort_keys=True) + "\n")
