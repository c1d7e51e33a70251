"""Verdicts in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from nbgrader.api import Gradebook

from autograder.errors import GradebookFailed
from autograder.gradebook.course import Course
from autograder.gradebook.scores import blank, enter, flag, has, has_score, is_up_to_date, opened, record, scores
from autograder.verdict import Outcome, Result, State, Verdict
from tests.autograder.conftest import load_assignment

SERVICE = load_assignment()
#: The question that a person reads.
BY_HAND = {"service-in-words"}


@pytest.fixture
def book(released: Course) -> Iterator[Gradebook]:
    """The gradebook of a course whose assignment was released."""
    with released.gradebook() as book:
        yield book


def verdict(outcome: Outcome, state: State = "graded") -> Verdict:
    """A verdict in which every check came out like this."""
    results = [Result(check.id, check.line, check.points, outcome) for check in SERVICE.checks]
    return Verdict("ada", "service", state, tuple(results), 1)


def total(book: Gradebook) -> float:
    """What nbgrader itself says the submission is worth."""
    return float(book.find_submission("service", "ada").score)


def waiting(book: Gradebook) -> set[str]:
    """The cells that wait for a person."""
    grades = book.find_submission_notebook("service", "service", "ada").grades
    return {grade.name for grade in grades if grade.needs_manual_grade}


def test_the_gradebook_has_a_cell_for_each_check(book: Gradebook) -> None:
    """With the points that the check has: notebook and checks can't drift apart unseen. The rest is for a person."""
    assert is_up_to_date(book, SERVICE)
    cells = {cell.name: cell.max_score for cell in book.find_notebook("service", "service").grade_cells}
    assert cells.keys() - BY_HAND == {check.grade_id for check in SERVICE.checks}
    assert all(cells[check.grade_id] == check.points for check in SERVICE.checks)


def test_an_assignment_that_was_not_released_is_not_there(course: Course) -> None:
    """The recorder releases it first."""
    with course.gradebook() as book:
        assert not is_up_to_date(book, SERVICE)


def test_passed_checks_are_points(book: Gradebook) -> None:
    """Each in its own cell, and only the question waits for a person."""
    assert record(book, verdict("passed"))
    assert total(book) == 10
    assert scores(book, SERVICE, "ada")["service.running"] == 2
    assert waiting(book) == BY_HAND


@pytest.mark.parametrize("state", ["graded", "crashed", "timed-out", "unreadable"])
def test_an_old_mark_does_not_outlive_its_work(book: Gradebook, state: State) -> None:
    """A second submission that comes to nothing is worth nothing."""
    record(book, verdict("passed"))
    record(book, verdict("skipped", state))
    assert total(book) == 0
    assert waiting(book) == BY_HAND


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
    assert waiting(book) == BY_HAND | {"service-token"}


def test_a_blanked_mark_is_gone(book: Gradebook) -> None:
    """Every cell waits again; blanking what was never graded is no error."""
    assert not blank(book, "service", "ada")
    record(book, verdict("passed"))
    assert blank(book, "service", "ada")
    assert total(book) == 0
    assert waiting(book) == BY_HAND | {check.grade_id for check in SERVICE.checks}


def test_a_flagged_mark_stays_until_somebody_looks(book: Gradebook) -> None:
    """nbgrader does not know whether the score is for the work that could not be graded now."""
    flag(book, "service", "ada")
    record(book, verdict("passed"))
    flag(book, "service", "ada")
    assert total(book) == 10
    assert waiting(book) == BY_HAND | {check.grade_id for check in SERVICE.checks}
    record(book, verdict("passed"))
    assert waiting(book) == BY_HAND


def test_marks_that_are_there_are_seen(book: Gradebook) -> None:
    """All of them, or it has to be written again."""
    assert not has(book, verdict("passed"))
    record(book, verdict("passed"))
    assert has(book, verdict("passed"))
    assert not has(book, verdict("failed"))
    blank(book, "service", "ada")
    assert not has(book, verdict("failed"))


ADDRESSES = {
    "sqlite:////nonexistent/gradebook.db": "unable to open database file",
    "no address": "Could not parse",
    "fancy://somewhere/grades": "fancy",
    "postgresql+nodriver://ada:secret@127.0.0.1/grades": "nodriver",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_gradebook_that_cannot_be_opened_is_told(address: str) -> None:
    """With the database's own reason, and without the password."""
    with pytest.raises(GradebookFailed, match=ADDRESSES[address]) as raised, opened(address):
        pass
    assert "secret" not in str(raised.value)


def test_a_gradebook_that_may_only_be_read_is_told(released: Course) -> None:
    """Nothing is half written; once repaired, the database takes the scores."""
    file = f"sqlite:///file:{released.build}/gradebook.db"
    with pytest.raises(GradebookFailed, match="readonly"), opened(f"{file}?mode=ro&uri=true", "drydock") as book:
        record(book, verdict("passed"))
    with released.gradebook() as book:
        assert not has(book, verdict("passed"))
        assert record(book, verdict("passed"))


def test_a_submission_without_points_has_no_score(book: Gradebook) -> None:
    """Entered for its time alone, never graded, or with a score removed; no points are a score."""
    assert not has_score(book, "service", "ada")
    record(book, verdict("failed"))
    assert has_score(book, "service", "ada")
    blank(book, "service", "ada")
    assert not has_score(book, "service", "ada")


def test_a_time_is_entered_and_stays(book: Gradebook) -> None:
    """A corrected one replaces it; no time replaces none."""
    record(book, verdict("passed"))
    when = datetime.fromisoformat("2026-11-28 09:00")
    enter(book, "service", "ada", when)
    enter(book, "service", "ada")
    assert book.find_submission("service", "ada").timestamp == when
    assert has(book, verdict("passed"))
