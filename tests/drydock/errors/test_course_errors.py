"""The messages of the commands for students that depend on the facts."""

from __future__ import annotations

from pathlib import Path

from drydock.errors import InvalidSubmission, NotebookMissing


def test_every_problem_of_a_submission_is_listed() -> None:
    """The student sees all problems at once, one a line."""
    error = InvalidSubmission(Path("service.ipynb"), ["It is too large.", "It has no answers."])
    assert error.what == "Your work on service can't be submitted like this. No zip was written."
    assert error.why == "It is too large.\nIt has no answers."


def test_every_place_of_a_notebook_is_listed() -> None:
    """The message lists where the notebook was looked for."""
    error = NotebookMissing("service", [Path("/a/service.ipynb"), Path("/b/service.ipynb")])
    assert error.why.splitlines()[1:] == ["/a/service.ipynb", "/b/service.ipynb"]
