"""Plug-ins of ``nbgrader generate_assignment``, ``autograde`` and ``generate_feedback``, so of formgrader's buttons.

Autograding calls the same function as ``autograder grade``, so it gives the same scores. It reads the submitted folder
by the same rules, so it takes the same notebooks, and the process of nbgrader or formgrader parses none of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict, Float, Unicode

from autograder.errors import GradingFailed
from autograder.execution import sanitize
from autograder.gradebook.course import advice_of, assignments_folder
from autograder.gradebook.feedback import rendered
from autograder.gradebook.graded_folders import complete_graded, replace_folder
from autograder.gradebook.intake import submission_in
from autograder.gradebook.marking_advice import remove_advice
from autograder.gradebook.scores import cells, flag, opened, record
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from drydock import submit

Resources = dict[str, Any]


class AssignmentMetadata(NbGraderPreprocessor):
    """Writes into a student version which assignment it is, so that `drydock submit` can look the work over."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook, with the ids of its cells for answers in its metadata."""
        nb.metadata[submit.METADATA_KEY] = submit.release_metadata(nb.cells, resources["nbgrader"]["assignment"])
        return nb, resources


class WithoutAdvice(NbGraderPreprocessor):
    """Leaves the marking advice out of the feedback that students get."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the executed notebook without it."""
        remove_advice(nb)
        return nb, resources


class GradeInSandbox(NbGraderPreprocessor):
    """Runs the notebook in a sandbox of its own, runs the checks from outside, and writes their points."""

    sandbox = Unicode(GradingConfig.sandbox, help="The full name of the class of sandboxes.").tag(config=True)
    settings = Dict(help="The sandbox's arguments.").tag(config=True)
    seconds = Float(None, allow_none=True, help="The most that one submission may take.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the executed notebook, with the result of each check."""
        about = resources["nbgrader"]
        places = CourseDirectory(config=self.config)
        config = self._grading_config(places)
        submitted, graded = _folder(places, "submitted", about), _folder(places, "autograded", about)
        submission = submission_in(submitted, about["student"], about["assignment"])
        with ProcessPool(1, config) as executor:  # a process of its own, which is killed at its deadline
            [verdict] = grade([submission], executor)
        with opened(about["db_url"], places.course_id) as book:
            if not record(book, verdict):
                flag(book, verdict.assignment, verdict.student)
                raise GradingFailed(verdict.student, verdict.diagnostics or verdict.note)
            known = cells(book, verdict.assignment)
        replace_folder(graded, config.assignment(verdict.assignment).graded_files(submission.files))
        complete_graded(graded, submitted)
        advice = advice_of(places, self.config, about["assignment"])
        shown = rendered(verdict, _released(places, about), cells=known, advice=advice)
        return nbformat.reads(shown.notebook, as_version=4), resources

    def _grading_config(self, places: CourseDirectory) -> GradingConfig:
        folder = str(assignments_folder(places))
        return GradingConfig(self.sandbox, dict(self.settings), assignments=folder, seconds=self.seconds)


def _folder(places: CourseDirectory, step: str, about: Resources) -> Path:
    """Return where a step keeps the work that nbgrader is at."""
    return Path(places.format_path(getattr(places, f"{step}_directory"), about["student"], about["assignment"]))


def _released(places: CourseDirectory, about: Resources) -> NotebookNode | None:
    file = _folder(places, "release", {**about, "student": "."}) / f"{about['assignment']}.ipynb"
    return sanitize.read(file.read_bytes()) if file.is_file() else None
