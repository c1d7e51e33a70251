"""Where graded work is put down."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from autograder import notebook
from autograder.check import checks_of
from autograder.course import Course
from autograder.desk import Desk
from autograder.grade import Submission
from autograder.gradebook import scores
from autograder.verdict import Outcome, Result, State, Verdict
from tests.autograder.conftest import notebook_of


@pytest.fixture
def desk(course: Course) -> Desk:
    """The desk of a course that knows its assignment."""
    course.release("service")
    return Desk(course)


def verdict(outcome: Outcome, state: State = "graded") -> Verdict:
    """A verdict in which every check came out like this."""
    results = [Result(one.id, one.line, one.points, outcome) for one in checks_of("service")]
    cell = notebook_of("check('service.token')", nbgrader={"grade_id": "service-token", "grade": True})
    ran = notebook.text(notebook.harmless(notebook.read(cell)))
    return Verdict("ada", "service", state, tuple(results), 1, ran)


def generated(course: Course) -> set[str]:
    """What lies in the folders of graded work."""
    build = course.root / "build"
    folders = (build / "autograded", build / "feedback")
    return {str(path.relative_to(build)) for folder in folders for path in folder.rglob("*.*")}


def test_marks_notebook_and_feedback_are_put_where_nbgrader_looks(course: Course, desk: Desk) -> None:
    """Formgrader shows the first two, and the student gets the third."""
    desk.put_away(verdict("passed"))
    assert generated(course) == {"autograded/ada/service/service.ipynb", "feedback/ada/service/service.html"}
    assert "✔ 1/1" in (course.root / "build/autograded/ada/service/service.ipynb").read_text()
    with closing(course.gradebook()) as book:
        assert sum(scores(book, "service", "ada").values()) == 10


def test_the_graders_own_trouble_leaves_everything_as_it_was(course: Course, desk: Desk) -> None:
    """Feedback of an earlier run stays."""
    desk.put_away(verdict("passed"))
    page = course.root / "build/feedback/ada/service/service.html"
    before = page.read_bytes()
    desk.put_away(verdict("error", "infra-error"))
    assert page.read_bytes() == before


def test_grading_releases_what_the_gradebook_does_not_know(course: Course) -> None:
    """An instructor may grade on a computer where nothing was released yet."""
    [seen] = list(Desk(course).grade([Submission("ada", "service", b"no notebook")]))
    assert seen.state == "unreadable"
    assert Path(course.root / "build/gradebook.db").is_file()
