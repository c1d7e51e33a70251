"""Preprocessors of ``nbgrader generate_assignment`` and ``nbgrader autograde``, and so of formgrader's buttons.

Autograding calls the same function as ``autograder grade``, so it gives the same scores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.errors import GradingFailed
from autograder.execution import sanitize
from autograder.gradebook.course import assignments_folder
from autograder.gradebook.feedback import rendered
from autograder.gradebook.graded_folders import complete_graded
from autograder.gradebook.intake import submission_in
from autograder.gradebook.scores import cells, flag, opened, record
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import LocalExecutor, grade
from drydock import submit

Resources = dict[str, Any]


class AssignmentMetadata(NbGraderPreprocessor):
    """Writes into a student version which assignment it is, so that `drydock submit` can look the work over."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook, with the ids of its cells for answers in its metadata."""
        nb.metadata[submit.METADATA_KEY] = submit.release_metadata(nb.cells, resources["nbgrader"]["assignment"])
        return nb, resources


class StripNotebook(NbGraderPreprocessor):
    """Takes tags, outputs and foreign metadata off a submitted notebook before nbgrader looks at it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook without them."""
        return sanitize.bare(nb), resources


class GradeInSandbox(NbGraderPreprocessor):
    """Runs the notebook in a sandbox of its own, runs the checks from outside, and writes their points."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the executed notebook, with the result of each check."""
        about = resources["nbgrader"]
        places = CourseDirectory(config=self.config)
        # The folder as it was submitted, so that `autograder grade` and this grade the very same bytes.
        path = places.format_path(places.submitted_directory, about["student"], about["assignment"])
        submission = submission_in(Path(path), about["student"], about["assignment"])
        executor = LocalExecutor(GradingConfig(assignments=str(assignments_folder(places))))
        [verdict] = grade([submission], executor)
        with opened(about["db_url"], places.course_id) as book:
            if not record(book, verdict):
                flag(book, verdict.assignment, verdict.student)
                raise GradingFailed(verdict.student, verdict.diagnostics or verdict.note)
            known = cells(book, verdict.assignment)
        graded = places.format_path(places.autograded_directory, about["student"], about["assignment"])
        complete_graded(Path(graded), Path(path))
        given = (
            Path(places.format_path(places.release_directory, ".", about["assignment"])) / f"{about['notebook']}.ipynb"
        )
        released = sanitize.read(given.read_bytes()) if given.is_file() else None
        return sanitize.read(rendered(verdict, released, cells=known).notebook.encode()), resources
