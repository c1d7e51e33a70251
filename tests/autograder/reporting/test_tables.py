"""Verdicts as a person reads them."""

from __future__ import annotations

import csv
import io
from typing import get_args

import pytest
from rich.console import Console, RenderableType

from autograder.gradebook.grades import CellGrade, Grade
from autograder.reporting import tables
from autograder.verdict import Outcome, Result, State, Verdict
from tests.autograder.conftest import load_assignment

SERVICE = load_assignment()


def verdict(student: str, state: State = "graded", outcome: Outcome = "passed", note: str = "") -> Verdict:
    """A verdict in which every check came out like this."""
    results = [Result(check.id, check.line, check.points, outcome) for check in SERVICE.checks]
    return Verdict(student, "service", state, tuple(results), 7.25, note=note)


def printed(thing: RenderableType, width: int = 100) -> str:
    """What a terminal of that width shows."""
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(thing)
    return console.export_text()


def test_each_state_is_told_apart() -> None:
    """By its word, and by its colour where there are any."""
    states = get_args(State)
    shown = printed(tables.summary(SERVICE, [verdict(f"s-{state}", state) for state in states]))
    for state in states:
        assert f"│ {state}" in shown
    assert set(tables.COLOURS) == set(states)


def test_the_graders_own_trouble_shows_no_points() -> None:
    """The score did not change, so none is printed."""
    shown = printed(tables.summary(SERVICE, [verdict("ada", "infra-error", "error")]))
    assert "–" in shown
    assert "/ 10" not in shown


def test_a_large_class_is_told_in_numbers() -> None:
    """With those by name that somebody should look at."""
    ordinary = [verdict(f"student-{number}") for number in range(200)]
    shown = printed(tables.summary(SERVICE, [*ordinary, verdict("eve", "crashed", "skipped")]))
    assert "eve" in shown
    assert "student-7" not in shown
    assert "201 submissions, graded 200, crashed 1" in shown
    assert "and 200 more" in shown
    assert len(shown.splitlines()) < 12


def test_of_much_trouble_the_gravest_comes_first() -> None:
    """And it is still no more than a page, however long the notes are."""
    odd = [verdict(f"odd-{number}", "unreadable", "skipped", "It is not JSON. " * 20) for number in range(100)]
    shown = printed(tables.summary(SERVICE, [*odd, verdict("zoe", "infra-error", "error")]), width=80).splitlines()
    [first] = [place for place, line in enumerate(shown) if "odd-0" in line]
    assert "zoe" in shown[first - 1]
    assert len(shown) < 40


def test_what_was_missing_is_named() -> None:
    """The checks that failed, or why there are none."""
    assert tables.missing(verdict("ada", outcome="failed")).startswith("running, published")
    assert tables.missing(verdict("ada", "unreadable", "skipped", "It is none. Open it.")) == "It is none"


def test_markup_in_a_name_is_only_a_name() -> None:
    """A student can choose it, more or less."""
    assert "[red]eve[/red]" in printed(tables.summary(SERVICE, [verdict("[red]eve[/red]")]))


def rows(*verdicts: Verdict) -> list[dict[str, str]]:
    """The file, read as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(tables.csv_text(SERVICE, verdicts))))


def test_the_file_has_a_line_for_each_student() -> None:
    """With state, points and each check's points."""
    [row] = rows(verdict("ada"))
    assert {name: row[name] for name in ("student", "state", "score", "max", "service.running")} == {
        "student": "ada",
        "state": "graded",
        "score": "10",
        "max": "10",
        "service.running": "2",
    }


def test_no_mark_is_no_zero() -> None:
    """Where the grader was at fault the cells are empty."""
    [row] = rows(verdict("ada", "infra-error", "error"))
    assert (row["state"], row["score"], row["service.running"]) == ("infra-error", "", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_name_is_a_formula(name: str) -> None:
    """A spreadsheet would run it on the instructor's computer."""
    assert rows(verdict(name, note=name))[0]["student"] == f"'{name}"


def test_the_gradebooks_points_count() -> None:
    """With those of persons, of extra credit and of lateness; a cell that waits is empty."""
    cells = (CellGrade("service-token", 0, 1, 1, 0.5), CellGrade("service-in-words", None, None, 2))
    text = tables.csv_text(SERVICE, [verdict("ada")], [Grade("ada", cells, 0.25, 60, None)])
    [row] = csv.DictReader(io.StringIO(text))
    values = ("score", "max", "to come", "penalty", "service.token", "service-in-words")
    assert [row[name] for name in values] == ["1.25", "3", "2", "0.25", "1", ""]
