"""The course on disk, as nbgrader's configuration describes it: its assignments, what was handed in, where marks go."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, parse_utc
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.checks.api import known
from autograder.errors import NoSubmissions, NotACourse, ReleaseFailed, UnknownAssignment
from autograder.execution.sanitize import LIMIT, read
from autograder.gradebook.scores import opened
from autograder.gradebook.verdict_store import VerdictStore
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission
from drydock.submit import FILES_LIMIT

_CONFIG = "nbgrader_config.py"
#: What nbgrader puts beside a notebook when it collects it.
_COLLECTED = {"timestamp.txt", "submission_secret.txt"}


class Course:
    """A folder with an ``nbgrader_config.py``, or :class:`NotACourse`."""

    def __init__(self, root: Path, *, db: str | None = None) -> None:
        self.root = root.resolve()
        self._db = db
        if not (self.root / _CONFIG).is_file():
            raise NotACourse(self.root)

    @cached_property
    def config(self) -> Config:
        """Nbgrader's configuration of this course."""
        config: Config = PyFileConfigLoader(_CONFIG, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        if self._db is not None:
            config.CourseDirectory.db_url = self._db
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
        self.must_know(stem)
        _let_nbgrader_find_programs()
        converter = GenerateAssignment(
            coursedir=CourseDirectory(config=self.config, assignment_id=stem), config=self.config
        )
        converter.force = True
        done = capture_log(converter)
        if not done["success"]:
            raise ReleaseFailed(stem, done.get("log") or done.get("error") or "")
        return self.folder("release", ".", stem)

    def released(self, stem: str) -> NotebookNode | None:
        """The student version as it was given out, where it still is."""
        file = self.folder("release", ".", stem) / f"{stem}.ipynb"
        return read(file.read_bytes()) if file.is_file() else None

    def gradebook(self) -> AbstractContextManager[Gradebook]:
        """Nbgrader's gradebook, to be opened; its trouble is :class:`~autograder.errors.GradebookFailed`."""
        _let_nbgrader_find_programs()
        return opened(self.places.db_url, self.places.course_id)

    def verdicts(self, stem: str, terms: GradingConfig) -> VerdictStore:
        """The verdicts on one assignment that are known."""
        return VerdictStore(self.build / "verdicts", stem, terms)

    @property
    def build(self) -> Path:
        """Where everything goes that can be made again."""
        return self.root / "build"

    def submissions(self, stem: str, students: Sequence[str] = ()) -> list[Submission]:
        """What was handed in, by student; all of it or that of some. Raises :class:`NoSubmissions`."""
        self.must_know(stem)
        pattern = self.folder("submitted", "*", stem)
        base, depth = _before_star(pattern)
        found = sorted(base.glob(f"{depth}/{stem}.ipynb")) if base.is_dir() else []
        given = files_beside(self._source(stem).parent)
        read = [_submission(path, path.relative_to(base).parts[0], stem, given) for path in found]
        wanted = [one for one in read if not students or one.student in students]
        if not wanted or set(students) - {one.student for one in wanted}:
            absent = sorted(set(students) - {one.student for one in wanted})
            raise NoSubmissions(str(pattern.relative_to(self.root)), absent)
        return wanted

    def handed_in(self, student: str, stem: str) -> datetime | None:
        """When a student handed in, if nbgrader's collecting wrote it down; formgrader compares it with the mark's."""
        file = self.folder("submitted", student, stem) / "timestamp.txt"
        try:
            with file.open() as opened_file:
                when: datetime = parse_utc(opened_file.read(100).strip())
        except (OSError, ValueError):  # nobody did, or it is the student's own writing
            return None
        return when

    def _source(self, stem: str) -> Path:
        return self.folder("source", ".", stem) / f"{stem}.ipynb"

    def must_know(self, stem: str) -> None:
        """Raise :class:`UnknownAssignment` when there is no such assignment."""
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


def files_beside(folder: Path) -> dict[str, bytes]:
    """The files in a folder that are no notebooks, by their relative path, as long as there is room; no links."""
    files, room = {}, FILES_LIMIT
    for beside in sorted(folder.rglob("*")):
        plain = beside.is_file() and not beside.is_symlink() and beside.suffix != ".ipynb"
        if plain and beside.name not in _COLLECTED and beside.stat().st_size <= room:
            files[beside.relative_to(folder).as_posix()] = beside.read_bytes()
            room -= beside.stat().st_size
    return files


def _submission(path: Path, student: str, stem: str, given: dict[str, bytes]) -> Submission:
    """Read with limits: one byte more than allowed is enough to know that it is too much.

    What the assignment came with is there as it was given, as in nbgrader: many hand in the notebook alone.
    """
    with path.open("rb") as file:
        notebook = file.read(LIMIT + 1)
    return Submission(student, stem, notebook, {**files_beside(path.parent), **given})
