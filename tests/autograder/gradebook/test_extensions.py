"""More time for one student."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from autograder.cli import main
from autograder.errors import InvalidExtension, NoDueDate, UnknownStudent
from autograder.gradebook.course import Course
from autograder.gradebook.extensions import extra_time, grant
from autograder.gradebook.grades import grade_of


def test_an_extension_needs_a_due_date_and_a_student(released: Course) -> None:
    """Both are reported before anything is written."""
    with released.gradebook() as book:
        with pytest.raises(NoDueDate):
            grant(book, "service", "ada", timedelta(days=1))
        book.update_or_create_assignment("service", duedate="2026-11-01 00:00:00")
        book.add_student("ada")
        with pytest.raises(UnknownStudent, match="choose one of: ada"):
            grant(book, "service", "adda", timedelta(days=1))
        assert grade_of(book, "service", "ada") is None


@pytest.mark.parametrize(
    ("days", "hours"), [(math.nan, 0), (0, math.inf), (1e12, 0), (-1, 0), (1, -25), (3650, 1), (-1e308, -1e308)]
)
def test_what_is_no_extension_is_refused(days: float, hours: float) -> None:
    """No number, less time than the due date gives, longer than any course."""
    with pytest.raises(InvalidExtension, match="are no extension"):
        extra_time(days, hours)
    assert extra_time(2, -24) == timedelta(days=1)
    assert extra_time(0, 0) == timedelta()


def test_the_command_refuses_what_is_no_extension(released: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """With a message, and before anything is read."""
    for days in ("nan", "-3", "1e12"):
        assert main(["--course", str(released.root), "extend", "service", "ada", f"--days={days}"]) == 1
        assert "no extension" in capsys.readouterr().err


def test_the_command_extends_before_anything_is_submitted(released: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The gradebook has it, in nbgrader's own place; a second one replaces the first."""
    with released.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-01 00:00:00")
        book.add_student("ada")
    for days in ("5", "2"):
        assert main(["--course", str(released.root), "extend", "service", "ada", "--days", days]) == 0
    assert "ada may submit service until 2026-11-03 00:00 UTC." in capsys.readouterr().out
    with released.gradebook() as book:
        assert book.find_submission("service", "ada").duedate == datetime.fromisoformat("2026-11-03 00:00:00")
