"""What a student has done so far: a small file in the course folder, which is the student's alone."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.core.files import locked, write_atomically

#: The file's name; a leading dot keeps it out of JupyterLab's file browser.
NAME = ".drydock-progress.json"
#: What a damaged file is renamed to: a person may still read in it what was done.
BROKEN = ".drydock-progress.json.broken"
#: The panel's thread and the cells of a kernel keep what passed; a lock of the system is for processes.
_threads = threading.Lock()

_Passed = dict[str, dict[str, str]]


@dataclass(frozen=True)
class StudentProgress:
    """The exercises that passed, by lesson: ``{"03_ports": {"loopback": "2026-11-28 19:02"}}``."""

    file: Path

    @classmethod
    def of(cls, course: Path) -> StudentProgress:
        """Return the progress that a course folder keeps."""
        return cls(course / NAME)

    def read(self) -> _Passed:
        """Return what is kept; nothing where the file is missing or damaged."""
        try:
            return self._parsed()
        except (OSError, ValueError):
            return {}

    def done(self, lesson: str) -> Mapping[str, str]:
        """Return a lesson's passed exercises, each with the local time at which it first passed."""
        return self.read().get(lesson, {})

    def keep(self, lesson: str, exercise: str) -> None:
        """Add a passed exercise; a folder that can't be written keeps nothing, and the lesson goes on."""
        if exercise in self.done(lesson):
            return
        with suppress(OSError), _alone(self.file.parent):
            kept = self._kept()
            kept.setdefault(lesson, {}).setdefault(exercise, time.strftime("%Y-%m-%d %H:%M"))
            write_atomically(self.file, json.dumps(kept, indent=1, sort_keys=True) + "\n")

    def _kept(self) -> _Passed:
        """Return what is kept, to add to it; a damaged file is renamed first. A file that can't be read stays."""
        try:
            return self._parsed()
        except FileNotFoundError:
            return {}
        except ValueError:
            self.file.replace(self.file.with_name(BROKEN))
            return {}

    def _parsed(self) -> _Passed:
        """Return the content of the file; raises OSError, or ValueError for one that is damaged."""
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return {str(lesson): {str(key): str(when) for key, when in done.items()} for lesson, done in kept.items()}
        except (AttributeError, RecursionError) as error:
            raise ValueError(f"{self.file} is damaged") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other threads and other processes from changing the progress in a folder."""
    with _threads:
        if os.name != "posix":  # elsewhere a folder can't be opened
            yield
            return
        number = os.open(folder, os.O_RDONLY)
        try:
            with locked(number):
                yield
        finally:
            os.close(number)
