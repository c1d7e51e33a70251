"""Work that is right on a laptop is right in grading."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.execution import sanitize
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.submission import Executable, Submission
from tests.autograder.conftest import notebook_named

Change = Callable[[list[str]], list[str]]


def copies_a_script(dockerfile: list[str]) -> list[str]:
    """Start the program by a script of the student's own, which needs its execute bit."""
    place = next(number for number, line in enumerate(dockerfile) if line.startswith("COPY board"))
    return [*dockerfile[: place + 1], "COPY entry.sh /entry.sh", 'ENTRYPOINT ["/entry.sh"]', *dockerfile[place + 1 :]]


def names_the_frontend(dockerfile: list[str]) -> list[str]:
    """Begin with the line that Docker's documentation recommends; a laptop fetches that image."""
    return ["# syntax=docker/dockerfile:1", *dockerfile]


def submission(student: str, change: Change) -> Submission:
    """The right work on `dockerfile`, with its Dockerfile changed, and a script beside the notebook."""
    notebook = sanitize.read(notebook_named("perfect", "dockerfile"))
    [cell] = [
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "write-dockerfile"
    ]
    magic, *dockerfile = cell.source.splitlines()
    cell.source = "\n".join([magic, *change(dockerfile)])
    script = Executable(b'#!/bin/sh\nexec "$@"\n')
    return Submission(student, "dockerfile", sanitize.text(notebook).encode(), {"entry.sh": script})


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(900)
def test_a_script_and_a_frontend_cost_no_point() -> None:
    """A copied file keeps its execute bit, and `# syntax=` needs no network; two processors are in test_both_ways."""
    works = [submission("script", copies_a_script), submission("frontend", names_the_frontend)]
    with ProcessPool(2, GradingConfig()) as executor:
        verdicts = {verdict.student: verdict for verdict in grade(works, executor)}
    missing = {
        student: [f"{result.id}: {result.reason}" for result in verdict.checks if result.state != "passed"]
        for student, verdict in verdicts.items()
    }
    assert missing == {"script": [], "frontend": []}
    assert verdicts["script"].score == verdicts["script"].max
