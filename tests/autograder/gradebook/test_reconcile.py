"""Kept verdicts beside the gradebook."""

from __future__ import annotations

from dataclasses import replace

from autograder.gradebook.grades import CellGrade, Grade
from autograder.gradebook.reconcile import outdated, reconciled
from tests.autograder.gradebook.test_scores import SERVICE, verdict


def grade(student: str, **points: float | None) -> Grade:
    """A grade in which every check has its points, except those named here."""
    cells = [
        CellGrade(check.grade_id, points.get(check.grade_id.removeprefix("service-"), check.points), None, check.points)
        for check in SERVICE.checks
    ]
    return Grade(student, tuple(cells), 0, 0, None)


def test_the_gradebook_counts() -> None:
    """A kept verdict stays while the points agree; what nbgrader graded, or graded again, gets one of its points."""
    ada = verdict("passed")
    eve = replace(ada, student="eve", state="infra-error")
    rows = reconciled(SERVICE, [ada, eve], [grade("ada"), grade("bob", token=0), grade("eve", token=0)])
    assert [row.student for row in rows] == ["ada", "bob", "eve"]
    assert rows[0] is ada
    assert (rows[1].score, rows[1].state) == (9, "graded")
    assert rows[2] is eve
    [again] = reconciled(SERVICE, [ada], [grade("ada", token=0)])
    assert (again.score, "nbgrader autograde" in again.note) == (9, True)


def test_points_of_before_a_change_are_found() -> None:
    """Neither nothing nor the present points, or none at all; a person's points don't hide it."""
    assert outdated(SERVICE, [grade("ada"), grade("bob", token=0)]) == {}
    assert outdated(SERVICE, [grade("ada", token=0.5), grade("bob", logs=None)]) == {
        "ada": ["service.token"],
        "bob": ["service.logs"],
    }
