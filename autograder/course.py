"""The course on disk, as nbgrader's configuration describes it: its assignments, what was handed in, where marks go."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.check import known
from autograder.errors import NoSubmissions, NotACourse, ReleaseFailed, UnknownAssignment
from autograder.grade import Submission
from autograder.notebook import LIMIT

_CONFIG = "nbgrader_config.py"
_FILES_LIMIT = 32 << 20


class Course:
    """A folder with an ``nbgrader_config.py``, or :class:`NotACourse`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not (self.root / _CONFIG).is_file():
            raise NotACourse(self.root)

    @cached_property
    def config(self) -> Config:
        """Nbgrader's configuration of this course."""
        config: Config = PyFileConfigLoader(_CONFIG, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @cached_property
    def places(self) -> CourseDirectory:
        """Where nbgrader keeps what."""
        return CourseDirectory(config=self.config)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Where a step (``submitted``, ``autograded``, ``feedback`` …) keeps one student's assignment."""
        return Path(self.places.format_path(getattr(self.places, f"{step}_directory"), student, assignment))

    def assignments(self) -> list[str]:
        """The words that name both a source folder and a file of checks."""
        return [stem for stem in known() if self._source(stem).is_file()]

    def release(self, stem: str) -> Path:
        """Make the student version, and the assignment in the gradebook; returns its folder."""
        self._must_know(stem)
        _let_nbgrader_find_programs()
        converter = GenerateAssignment(
            coursedir=CourseDirectory(config=self.config, assignment_id=stem), config=self.config
        )
        converter.force = True
        done = capture_log(converter)
        if not done["success"]:
            raise ReleaseFailed(stem, done.get("log") or done.get("error") or "")
        return self.folder("release", ".", stem)

    def gradebook(self) -> Gradebook:
        """Nbgrader's gradebook; the caller closes it."""
        _let_nbgrader_find_programs()
        return Gradebook(self.places.db_url, self.places.course_id)

    def submissions(self, stem: str, students: Sequence[str] = ()) -> list[Submission]:
        """What was handed in, by student; all of it or that of some. Raises :class:`NoSubmissions`."""
        self._must_know(stem)
        pattern = self.folder("submitted", "*", stem)
        base, depth = _before_star(pattern)
        found = sorted(base.glob(f"{depth}/{stem}.ipynb")) if base.is_dir() else []
        read = [_submission(path, path.relative_to(base).parts[0], stem) for path in found]
        wanted = [one for one in read if not students or one.student in students]
        if not wanted or set(students) - {one.student for one in wanted}:
            absent = sorted(set(students) - {one.student for one in wanted})
            raise NoSubmissions(str(pattern.relative_to(self.root)), absent)
        return wanted

    def _source(self, stem: str) -> Path:
        return self.folder("source", ".", stem) / f"{stem}.ipynb"

    def _must_know(self, stem: str) -> None:
        if stem not in self.assignments():
            raise UnknownAssignment(stem, self.assignments())


def _let_nbgrader_find_programs() -> None:
    """Nbgrader calls alembic by name; it lies beside this Python, which need not be on PATH."""
    beside = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if beside not in path.split(os.pathsep):
        os.environ["PATH"] = f"{beside}{os.pathsep}{path}"


def _before_star(pattern: Path) -> tuple[Path, str]:
    """The part of a path before its first ``*``, and the rest as a pattern."""
    at = pattern.parts.index("*")
    return Path(*pattern.parts[:at]), "/".join(pattern.parts[at:])


def _submission(path: Path, student: str, stem: str) -> Submission:
    """Read with limits: one byte more than allowed is enough to know that it is too much."""
    with path.open("rb") as file:
        notebook = file.read(LIMIT + 1)
    files, room = {}, _FILES_LIMIT
    for beside in sorted(path.parent.rglob("*")):
        plain = beside.is_file() and not beside.is_symlink() and beside.suffix != ".ipynb"
        if plain and beside.stat().st_size <= room:
            files[str(beside.relative_to(path.parent))] = beside.read_bytes()
            room -= beside.stat().st_size
    return Submission(student, stem, notebook, files)
