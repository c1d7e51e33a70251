"""What the gradebook says of each submission."""

from __future__ import annotations

import warnings

import pytest

from autograder.gradebook.course import Course
from autograder.gradebook.grades import CellGrade, Grade, grade_of, grades_of
from autograder.gradebook.scores import record
from tests.autograder.gradebook.test_scores import verdict


@pytest.mark.slow
def test_a_grade_is_what_nbgrader_exports(released: Course) -> None:
    """Checks, a person's points, extra credit and the penalty add up as nbgrader adds them."""
    with released.gradebook() as book:
        assert grade_of(book, "service", "ada") is None
        record(book, verdict("passed"))
        grade = grade_of(book, "service", "ada")
        assert grade is not None
        assert (grade.score, grade.max, grade.to_come) == (10, 12, 2)
        assert grade.line == "10 of 12, 2 to be marked by a person"
        row = book.find_grade("service-in-words", "service", "service", "ada")
        row.manual_score, row.extra_credit = 1.5, 0.5
        notebook = book.find_submission_notebook("service", "service", "ada")
        notebook.late_submission_penalty = 3
        book.db.commit()
        grade = grade_of(book, "service", "ada")
        submission = book.find_submission("service", "ada")
        assert grade is not None
        assert grade.raw == submission.score == 12
        assert grade.line == "9 of 12, 3 taken off for lateness"


def test_a_submission_without_any_points_is_not_graded(released: Course) -> None:
    """An extension enters one before anything is submitted; it is no row of a report."""
    with released.gradebook() as book:
        book.add_student("bob")
        record(book, verdict("failed"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's own way with its database
            book.add_submission("service", "bob")
        assert [grade.student for grade in grades_of(book, "service")] == ["ada"]


def test_a_penalty_takes_off_no_more_than_there_is() -> None:
    """The score is never below zero."""
    cells = (CellGrade("service-token", 1, None, 1),)
    assert Grade("ada", cells, penalty=2, late=1, submitted_at=None).score == 0
