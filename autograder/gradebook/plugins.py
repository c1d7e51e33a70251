"""Plug-ins of ``nbgrader generate_assignment``, ``autograde`` and ``generate_feedback``, so of formgrader's buttons too.

Autograding calls the same function as ``autograder grade``, so it gives the same scores. It reads the submitted folder
by the same rules, so it takes the same notebooks, and the process of nbgrader or formgrader parses none of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict, Float, Unicode

from autograder.errors import GradingFailed
from autograder.execution import sanitize
from autograder.gradebook.course import assignments_folder
from autograder.gradebook.feedback import rendered
from autograder.gradebook.graded_folders import complete_graded, set_aside_time
from autograder.gradebook.intake import submission_in
from autograder.gradebook.marking_advice import advice_in, remove_advice
from autograder.gradebook.nbgrader_settings import leaves_out_advice
from autograder.gradebook.scores import cells, flag, opened, record
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.submission import Submission
from autograder.verdict import Verdict
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


def prepare_submission(*, assignment: str, notebooks: list[str], **_: Any) -> None:
    """Make nbgrader take the folder as it is: its hook before each submission, whose ``notebooks`` this changes.

    nbgrader would refuse a renamed notebook, and end for the whole class at a time that is none.
    """
    folder = Path(notebooks[0]).parent
    notebooks[:] = [str(folder / f"{assignment}.ipynb")]
    set_aside_time(folder)


class UnreadNotebook(NotebookExporter):
    """Takes the place of nbgrader's reader, and reads nothing: :class:`GradeInSandbox` takes the submitted folder."""

    def from_filename(self, filename: str, resources: Any = None, **_: Any) -> tuple[str, Any]:
        """Return what the preprocessors make of an empty notebook."""
        converted: tuple[str, Any] = self.from_notebook_node(sanitize.empty(), resources)
        return converted


class GradeInSandbox(NbGraderPreprocessor):
    """Runs the notebook in a sandbox of its own, runs the checks from outside, and writes their points."""

    sandbox = Unicode(GradingConfig.sandbox, help="The full name of the class of sandboxes.").tag(config=True)
    settings = Dict(help="The sandbox's arguments.").tag(config=True)
    seconds = Float(
        None, allow_none=True, help="The most that one submission may take; by default its assignment's limits say so."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the executed notebook, with the result of each check."""
        about = resources["nbgrader"]
        places = CourseDirectory(config=self.config)
        student, assignment = about["student"], about["assignment"]
        submitted = Path(places.format_path(places.submitted_directory, student, assignment))
        verdict = self._verdict(submission_in(submitted, student, assignment), places)
        with opened(about["db_url"], places.course_id) as book:
            if not record(book, verdict):
                flag(book, assignment, student)
                raise GradingFailed(student, verdict.diagnostics or verdict.note)
            known = cells(book, assignment)
        complete_graded(Path(places.format_path(places.autograded_directory, student, assignment)), submitted)
        file = f"{assignment}.ipynb"
        given = Path(places.format_path(places.release_directory, ".", assignment)) / file
        released = sanitize.read(given.read_bytes()) if given.is_file() else None
        advice = advice_in(assignments_folder(places) / assignment / file) if leaves_out_advice(self.config) else {}
        shown = rendered(verdict, released, cells=known, advice=advice)
        return sanitize.read(shown.notebook.encode()), resources

    def _verdict(self, submission: Submission, places: CourseDirectory) -> Verdict:
        """Grade in a process that is killed at its deadline."""
        folder = str(assignments_folder(places))
        config = GradingConfig(self.sandbox, dict(self.settings), assignments=folder, seconds=self.seconds)
        with ProcessPool(1, config) as executor:
            [verdict] = grade([submission], executor)
        return verdict
