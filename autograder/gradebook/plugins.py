"""Our part in nbgrader's own ``autograde`` and formgrader's button: the same function gives the same marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.errors import GradingFailed
from autograder.execution import sanitize
from autograder.gradebook.course import files_beside
from autograder.gradebook.feedback import to_mark
from autograder.gradebook.scores import flag, opened, record
from autograder.scheduling.executor import LocalExecutor, grade
from autograder.submission import Submission
from drydock import submit

Resources = dict[str, Any]


class Told(NbGraderPreprocessor):
    """Has a notebook that is given out say what it is, so that `drydock submit` can look the work over."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook, with the ids of its cells for answers in its metadata."""
        nb.metadata[submit.RELEASED] = submit.told(nb.cells, resources["nbgrader"]["assignment"])
        return nb, resources


class Bare(NbGraderPreprocessor):
    """Takes tags, outputs and foreign metadata off a submitted notebook before nbgrader looks at it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook, bare."""
        return sanitize.bare(nb), resources


class Graded(NbGraderPreprocessor):
    """Runs the notebook in a machine of its own, has the checks look from outside, and writes their points."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The executed notebook, with what each check saw."""
        about = resources["nbgrader"]
        files = files_beside(Path(resources["metadata"]["path"]))
        submission = Submission(about["student"], about["assignment"], sanitize.text(nb).encode(), files)
        [verdict] = grade([submission], LocalExecutor())
        with opened(about["db_url"]) as book:
            if not record(book, verdict):
                flag(book, verdict.assignment, verdict.student)
                raise GradingFailed(verdict.student, verdict.diagnostics or verdict.note)
        return to_mark(verdict, nb), resources
