"""nbgrader's own command, with our part in it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autograder.gradebook.course import Course
from autograder.gradebook.scores import scores
from tests.autograder.conftest import ROOT, hand_in, load_assignment, story


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_nbgraders_own_autograde_gives_the_same_marks(course: Course) -> None:
    """Decided by the same function, in a machine, whatever the cells and tags of the notebook say."""
    course.release("service")
    hand_in(course, "ada", story("no-limit"))
    hand_in(course, "eve", story("cheat-skip-execution"))
    words = [sys.executable, "-m", "nbgrader", "autograde", "service"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    with course.gradebook() as book:
        assert sum(scores(book, load_assignment(), "ada").values()) == 9
        assert sum(scores(book, load_assignment(), "eve").values()) == 0
    shown = (course.root / "build/autograded/ada/service/service.ipynb").read_text()
    assert "It has no limit." in shown
