"""Everybody is accounted for."""

from __future__ import annotations

from autograder.gradebook.accounting import (
    accounting,
    misnamed,
    misplaced,
    not_regraded,
    without_penalty,
    without_time,
)
from autograder.submission import Submission

ADA = Submission("ada", "service", b"{}")
EVE = Submission("eve", "service", b"", problem="service.ipynb is a folder")


def test_who_is_missing_unknown_or_empty_is_named() -> None:
    """In alphabetical order, each with a reason and a way on."""
    rows = accounting(["ada", "bob"], [], [ADA, EVE], {"ada": "service (1).ipynb"})
    assert [(row.student, row.kind) for row in rows] == [
        ("ada", "renamed"),
        ("bob", "not-submitted"),
        ("eve", "not-in-roster"),
        ("eve", "nothing-to-grade"),
    ]
    assert "service (1).ipynb" in rows[0].line
    assert "service.ipynb is a folder" in rows[3].line
    assert rows[1].to_json()["state"] == "not-submitted"


def test_without_a_roster_nobody_is_missing_or_unknown() -> None:
    """A new course has no students until somebody enters them, or an earlier run of grading does."""
    assert accounting([], [], [ADA], {}) == []
    assert accounting(["bob"], ["bob"], [ADA, Submission("bob", "service", b"{}")], {}) == []


def test_a_class_in_order_has_no_rows() -> None:
    """Everybody of the roster submitted, under the right name."""
    assert accounting(["ada"], [], [ADA], {}) == []


def test_old_points_and_a_failed_plug_in_are_rows() -> None:
    """With the checks, and with the error of the course's plug-in."""
    [old] = not_regraded({"ada": ["service.token", "service.logs"]})
    assert "before the points changed of service.token, service.logs" in old.line
    [failed] = without_penalty({"ada": "ZeroDivisionError: hours"})
    assert "ZeroDivisionError: hours" in failed.line


def test_a_folder_whose_name_is_no_text_is_a_row() -> None:
    """It was not graded, so a person has to rename it."""
    [row] = misnamed(["m\ufffdller"])
    assert (row.student, row.kind) == ("m\ufffdller", "misnamed")
    assert "was not graded. Rename the folder" in row.line


def test_work_elsewhere_is_one_row() -> None:
    """Its student has submitted something, so nobody asks whether it was collected; the row says where it belongs."""
    [row] = misplaced({"cid": "has no folder service, and instead of it: service.ipynb"}, "service")
    assert (row.student, row.kind) == ("cid", "misplaced")
    assert "STUDENT/service/" in row.line
    assert accounting(["cid", "ada"], [], [ADA], {}, [row.student]) == []


def test_a_time_that_can_not_be_read_is_a_row() -> None:
    """Without it nothing is late, so a person has to look; the row has the form of a time."""
    [row] = without_time({"ada"})
    assert (row.student, row.kind) == ("ada", "no-time")
    assert "as 2026-11-28 22:00:00 UTC" in row.line
