"""Verdicts in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from nbgrader.api import Gradebook

from autograder.check import checks_of
from autograder.course import Course
from autograder.gradebook import is_up_to_date, record, scores
from autograder.verdict import Outcome, Result, State, Verdict


@pytest.fixture
def book(course: Course) -> Iterator[Gradebook]:
    """The gradebook of a course whose assignment was released."""
    course.release("service")
    with closing(course.gradebook()) as opened:
        yield opened


def verdict(outcome: Outcome, state: State = "graded") -> Verdict:
    """A verdict in which every check came out like this."""
    results = [Result(one.id, one.line, one.points, outcome) for one in checks_of("service")]
    return Verdict("ada", "service", state, tuple(results), 1)


def total(book: Gradebook) -> float:
    """What nbgrader itself says the submission is worth."""
    return float(book.find_submission("service", "ada").score)


def test_the_gradebook_has_a_cell_for_each_check(course: Course, book: Gradebook) -> None:
    """With the points that the check has: notebook and checks can't drift apart unseen."""
    assert is_up_to_date(book, "service")
    cells = {cell.name: cell.max_score for cell in book.find_notebook("service", "service").grade_cells}
    assert cells == {one.grade_id: one.points for one in checks_of("service")}


def test_an_assignment_that_was_not_released_is_not_there(course: Course) -> None:
    """The desk releases it first."""
    with closing(course.gradebook()) as opened:
        assert not is_up_to_date(opened, "service")


def test_passed_checks_are_points(book: Gradebook) -> None:
    """Each in its own cell, and none of them waits for a person."""
    assert record(book, verdict("passed"))
    assert total(book) == 10
    assert scores(book, "service", "ada")["service.running"] == 2
    assert not book.find_submission("service", "ada").needs_manual_grade


@pytest.mark.parametrize("state", ["graded", "crashed", "timed-out", "unreadable"])
def test_an_old_mark_does_not_outlive_its_work(book: Gradebook, state: State) -> None:
    """A second submission that comes to nothing is worth nothing."""
    record(book, verdict("passed"))
    record(book, verdict("skipped", state))
    assert total(book) == 0
    assert not book.find_submission("service", "ada").needs_manual_grade


def test_the_graders_own_trouble_changes_nothing(book: Gradebook) -> None:
    """It is tried again, and costs nobody a point."""
    record(book, verdict("passed"))
    assert not record(book, verdict("error", "infra-error"))
    assert total(book) == 10


def test_a_mark_by_hand_stays_and_is_shown_to_a_person_again(book: Gradebook) -> None:
    """What a person decided, no run overwrites."""
    record(book, verdict("failed"))
    grade = book.find_grade("service-token", "service", "service", "ada")
    grade.manual_score = 1
    book.db.commit()
    record(book, verdict("failed"))
    assert total(book) == 1
    assert book.find_submission("service", "ada").needs_manual_grade
