"""nbgrader's own command, with our part in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from autograder.gradebook.course import Course
from autograder.gradebook.grades import grade_of
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import scores
from tests.autograder.conftest import ROOT, load_assignment, notebook_named, submit_notebook

#: A notebook that nbgrader reads and grading refuses, so that both ways end without a machine.
TOO_LONG = json.dumps(
    {
        "cells": [{"cell_type": "markdown", "id": "long", "metadata": {}, "source": "a " * (3 << 20)}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
).encode()


def nbgrader(course: Course, *words: str) -> None:
    """Run one of nbgrader's commands, which must succeed."""
    command = [sys.executable, "-m", "nbgrader", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def left_by(course: Course) -> tuple[float, float, float, set[str]]:
    """Return score, penalty and points to come by the gradebook, and the files for nbgrader's next step."""
    with course.gradebook() as book:
        grade = grade_of(book, "service", "ada")
    assert grade is not None
    folder = course.folder("autograded", "ada", "service")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return grade.score, grade.penalty, grade.to_come, files


def test_both_ways_leave_the_same(released: Course) -> None:
    """Score, penalty, a person's points and files: by `nbgrader autograde`, and by `autograder grade` after it."""
    config = released.root / "nbgrader_config.py"
    config.write_text(f'{config.read_text()}\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    submit_notebook(released, "ada", TOO_LONG)
    submitted = released.folder("submitted", "ada", "service")
    (submitted / "notes").mkdir()
    (submitted / "notes" / "a.txt").write_text("mine")
    (submitted / "timestamp.txt").write_text("2026-11-28 09:00:00.000000 UTC")
    with released.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-01 00:00:00")
    nbgrader(released, "autograde", "service")
    with released.gradebook() as book:
        book.find_grade("service-in-words", "service", "service", "ada").manual_score = 2
        book.db.commit()
    nbgrader(released, "autograde", "service", "--force")
    theirs = left_by(released)
    [verdict] = Recorder(Course(released.root)).grade(released.submissions("service"))
    assert verdict.state == "unreadable"
    assert left_by(released) == theirs
    assert theirs[:3] == (0, 2, 0)
    assert {"notes/a.txt", "timestamp.txt", "submission_secret.txt", "service.ipynb", "checks.py"} <= theirs[3]


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_nbgraders_own_autograde_gives_the_same_marks(course: Course) -> None:
    """Decided by the same function, in a machine, whatever the cells and tags of the notebook say."""
    course.release("service")
    submit_notebook(course, "ada", notebook_named("no-limit"))
    submit_notebook(course, "eve", notebook_named("cheat-skip-execution"))
    nbgrader(course, "autograde", "service")
    with course.gradebook() as book:
        assert sum(scores(book, load_assignment(), "ada").values()) == 9
        assert sum(scores(book, load_assignment(), "eve").values()) == 0
    shown = (course.root / "build/autograded/ada/service/service.ipynb").read_text()
    assert "It has no limit." in shown
