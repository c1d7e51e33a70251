"""The course on disk, as nbgrader's configuration describes it: its assignments, what was submitted, the gradebook."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.checks.assignment import Assignment, known, load
from autograder.errors import InvalidConfig, NoSubmissions, NotACourse, ReleaseFailed, UnknownAssignment
from autograder.execution.notebook_reader import read
from autograder.gradebook import graded_folders, submitted_folders
from autograder.gradebook.intake import renamed_notebook, submission_in
from autograder.gradebook.marking_advice import advice_in
from autograder.gradebook.nbgrader_settings import add_metadata, leaves_out_advice
from autograder.gradebook.scores import opened
from autograder.gradebook.submitted_folders import student_folders
from autograder.gradebook.verdict_store import VerdictStore
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission, is_text, shown

_CONFIG = "nbgrader_config.py"


class Course:
    """A folder with an ``nbgrader_config.py``, or :class:`NotACourse`."""

    def __init__(self, root: Path, *, db: str | None = None) -> None:
        self.root = root.resolve()
        self._db = db
        if not (self.root / _CONFIG).is_file():
            raise NotACourse(self.root)

    @cached_property
    def config(self) -> Config:
        """Nbgrader's configuration of this course; raises :class:`~autograder.errors.InvalidConfig`."""
        try:
            config: Config = PyFileConfigLoader(_CONFIG, path=str(self.root)).load_config()
        except (Exception, SystemExit) as error:  # it is a program, and can raise anything
            raise InvalidConfig(self.root / _CONFIG, _with_line(error, self.root / _CONFIG)) from error
        config.CourseDirectory.root = str(self.root)
        add_metadata(config)
        if self._db is not None:
            config.CourseDirectory.db_url = self._db
        return config

    @cached_property
    def places(self) -> CourseDirectory:
        """Where nbgrader keeps what; raises :class:`~autograder.errors.InvalidConfig`."""
        try:
            return CourseDirectory(config=self.config)
        except TraitError as error:
            raise InvalidConfig(self.root / _CONFIG, str(error)) from error

    @property
    def build(self) -> Path:
        """Where the verdicts, the reports and the lock go."""
        return self.root / "build"

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return where a step (``submitted``, ``autograded``, ``feedback`` …) keeps one student's assignment."""
        return Path(self.places.format_path(getattr(self.places, f"{step}_directory"), student, assignment))

    def assignments(self) -> list[str]:
        """Return the names of the source folders that have a notebook of their name and checks."""
        return known(assignments_folder(self.places))

    def assignment(self, name: str) -> Assignment:
        """Return an assignment; raises :class:`UnknownAssignment` and :class:`~autograder.errors.InvalidChecks`."""
        if name not in self.assignments():
            raise UnknownAssignment(name, self.assignments())
        return load(assignments_folder(self.places) / name)

    def grading_config(self, settings: Mapping[str, Any] | None = None) -> GradingConfig:
        """Return how this course is graded; ``settings`` are those of the sandbox."""
        return GradingConfig(settings=settings or {}, assignments=str(assignments_folder(self.places)))

    def release(self, assignment: str) -> Path:
        """Make the student version, and the assignment in the gradebook; return its folder."""
        self.assignment(assignment)
        let_nbgrader_find_programs()
        coursedir = CourseDirectory(config=self.config, assignment_id=assignment)
        converter = GenerateAssignment(coursedir=coursedir, config=self.config)
        converter.force = True
        done = capture_log(converter)
        if not done["success"]:
            raise ReleaseFailed(assignment, done.get("log") or done.get("error") or "")
        return self.folder("release", ".", assignment)

    def released(self, assignment: str) -> NotebookNode | None:
        """Return the student version as it was released, where it still is."""
        file = self.folder("release", ".", assignment) / f"{assignment}.ipynb"
        return read(file.read_bytes()) if file.is_file() else None

    def advice(self, assignment: str) -> dict[str, str]:
        """Return the marking advice by cell; see :func:`advice_of`."""
        return advice_of(self.places, self.config, assignment)

    def gradebook(self) -> AbstractContextManager[Gradebook]:
        """Open nbgrader's gradebook; its trouble is :class:`~autograder.errors.GradebookFailed`."""
        let_nbgrader_find_programs()
        return opened(self.places.db_url, self.places.course_id)

    def verdicts(self, assignment: Assignment, config: GradingConfig) -> VerdictStore:
        """Return the verdicts on one assignment that are known."""
        return VerdictStore(self.build / "verdicts", assignment, config)

    def submissions(self, assignment: str, students: Sequence[str] = ()) -> list[Submission]:
        """Return what was submitted, by student; all of it or that of some. Raises :class:`NoSubmissions`."""
        self.assignment(assignment)
        folders = {name: path for name, path in student_folders(self._pattern(assignment)).items() if is_text(name)}
        wanted = {student: path for student, path in folders.items() if not students or student in students}
        absent = sorted(set(students) - set(wanted))
        if not wanted or absent:
            elsewhere = self.misplaced(assignment)
            lines = [f"{name} {reason}" for name, reason in elsewhere.items() if not students or name in students]
            raise NoSubmissions(str(self._pattern(assignment).relative_to(self.root)), absent, lines)
        return [submission_in(path, student, assignment) for student, path in wanted.items()]

    def correct_case(self, assignment: str) -> None:
        """Rename students' folders of the assignment that have the right name but for case."""
        submitted_folders.correct_case(self._pattern(assignment))

    def misnamed(self, assignment: str) -> list[str]:
        """Return the names, fit to be shown, of submitted folders that are no text, so that no gradebook takes them."""
        return [shown(student) for student in student_folders(self._pattern(assignment)) if not is_text(student)]

    def misplaced(self, assignment: str) -> dict[str, str]:
        """Return what lies in ``submitted`` where grading doesn't look, with the reason."""
        return submitted_folders.misplaced(self._pattern(assignment))

    def _pattern(self, assignment: str) -> Path:
        return self.folder("submitted", "*", assignment)

    def has_gradebook(self) -> bool:
        """Return whether there is a gradebook; opening one that is a file would make it."""
        address = self.places.db_url
        plain = address.startswith("sqlite:///") and "?" not in address
        return not plain or Path(address.removeprefix("sqlite:///")).is_file()

    def roster(self) -> dict[str, tuple[str, str, str]]:
        """Return first name, last name and e-mail address of the students whom the gradebook knows, by their id."""
        with self.gradebook() as book:
            students = sorted(book.students, key=lambda student: student.id)
            return {
                student.id: (student.first_name or "", student.last_name or "", student.email or "")
                for student in students
            }

    def renamed(self, submissions: Sequence[Submission]) -> dict[str, str]:
        """Return the names of the notebooks that have another name than their assignment, by student."""
        names = {
            work.student: renamed_notebook(self._submitted(work), work.assignment)
            for work in submissions
            if not work.problem
        }
        return {student: name for student, name in names.items() if name}

    def claimed_times(self, submissions: Sequence[Submission]) -> set[str]:
        """Return the students whose time of submission is only what the name of their own zip says."""
        return {work.student for work in submissions if graded_folders.has_claimed_time(self._submitted(work))}

    def unreadable_times(self, submissions: Sequence[Submission]) -> set[str]:
        """Return the students whose time of submission is there, and can't be read."""
        return {work.student for work in submissions if graded_folders.has_unreadable_time(self._submitted(work))}

    def submitted_at(self, student: str, assignment: str) -> datetime | None:
        """Return when a student submitted, if nbgrader's collecting wrote it down."""
        return graded_folders.submitted_at(self.folder("submitted", student, assignment))

    def _submitted(self, work: Submission) -> Path:
        return self.folder("submitted", work.student, work.assignment)


def assignments_folder(places: CourseDirectory) -> Path:
    """Return the folder of a course's assignments: nbgrader's source directory."""
    return Path(places.format_path(places.source_directory, ".", "assignment")).parent


def advice_of(places: CourseDirectory, config: Config, assignment: str) -> dict[str, str]:
    """Return the marking advice by cell; none in a course whose configuration would show it to students."""
    source = assignments_folder(places) / assignment / f"{assignment}.ipynb"
    return advice_in(source) if leaves_out_advice(config) else {}


def let_nbgrader_find_programs() -> None:
    """Nbgrader calls alembic by name; it lies beside this Python, which need not be on PATH."""
    beside = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if beside not in path.split(os.pathsep):
        os.environ["PATH"] = f"{beside}{os.pathsep}{path}"


def _with_line(error: BaseException, file: Path) -> str:
    """Return an error, and the line of a file that led to it."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f"{type(error).__name__}: {error}" + (f" (line {lines[-1]})" if lines else "")
