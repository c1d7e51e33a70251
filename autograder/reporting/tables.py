"""Verdicts as a person reads them: the table at the end of a run, and a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.checks.assignment import Assignment
from autograder.gradebook.grades import Grade
from autograder.verdict import State, Verdict

COLOURS: dict[State, str] = {
    "graded": "green",
    "timed-out": "yellow",
    "crashed": "yellow",
    "unreadable": "magenta",
    "infra-error": "red",
}

#: A longer table is scrolled past, not read: then only those are listed that somebody should look at, gravest first.
_ROWS, _WORTH_A_LOOK = 40, 15
_GRAVITY: tuple[State, ...] = ("infra-error", "crashed", "timed-out", "unreadable")


def summary(assignment: Assignment, verdicts: Sequence[Verdict]) -> RenderableType:
    """Return all verdicts if they fit on a page, else the unusual ones; and the numbers below."""
    is_short = len(verdicts) <= _ROWS
    listed = verdicts if is_short else _worth_a_look(verdicts)
    table = Table("student", "state", title=assignment.name, title_justify="left")
    table.add_column("points", justify="right")
    table.add_column("s", justify="right")
    table.add_column("what was missing", overflow="fold")
    for verdict in listed:
        state = Text(verdict.state, style=COLOURS[verdict.state])
        table.add_row(Text(verdict.student), state, points(verdict), f"{verdict.seconds:.0f}", Text(missing(verdict)))
    parts: list[RenderableType] = [table] if listed else []
    if len(listed) < len(verdicts):
        parts.append(
            Text(f"and {len(verdicts) - len(listed)} more: autograder report {assignment.name} --csv FILE lists all")
        )
    return Group(*parts, Text(_numbers(verdicts)))


def _worth_a_look(verdicts: Sequence[Verdict]) -> list[Verdict]:
    odd = [verdict for verdict in verdicts if verdict.state in _GRAVITY]
    return sorted(odd, key=lambda verdict: _GRAVITY.index(verdict.state))[:_WORTH_A_LOOK]


def points(verdict: Verdict) -> str:
    """Return the points, or a dash where the score did not change."""
    return "–" if verdict.state == "infra-error" else f"{verdict.score:g} / {verdict.max:g}"


def missing(verdict: Verdict) -> str:
    """In a few words, why it isn't all of the points."""
    failed = ", ".join(result.id.partition(".")[2] for result in verdict.checks if result.state == "failed")
    note = textwrap.shorten(verdict.note.partition(". ")[0], 76, placeholder=" …")
    return ". ".join(filter(None, [failed, note]))


def csv_text(assignment: Assignment, verdicts: Iterable[Verdict], grades: Iterable[Grade] = ()) -> str:
    """Return a line for each student: the state, the points that count, and the points of each graded cell.

    ``grades`` are the gradebook's, with what persons gave; without one, the verdict's points count. A cell is empty
    where no score was given.
    """
    by_student = {grade.student: grade for grade in grades}
    checks = {check.grade_id: check.id for check in assignment.checks}
    by_hand = {cell.cell: cell.cell for grade in by_student.values() for cell in grade.cells if cell.cell not in checks}
    columns = {**checks, **by_hand}
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    about = ["student", "state", "score", "max", "to come", "penalty", "seconds"]
    rows.writerow([*about, *columns.values(), "note"])
    for verdict in verdicts:
        scores = _scores(verdict, by_student.get(verdict.student))
        totals = [scores.pop(name) for name in ("score", "max", "to come", "penalty")]
        each = [_number(scores.get(cell)) for cell in columns]
        words = [plain(verdict.student), verdict.state, *map(_number, totals), f"{verdict.seconds:.1f}"]
        rows.writerow([*words, *each, plain(verdict.note)])
    return file.getvalue()


def _scores(verdict: Verdict, grade: Grade | None) -> dict[str, float | None]:
    """Return the totals and the points by the name of the cell."""
    if grade is not None:
        cells = {cell.cell: cell.points for cell in grade.cells}
        return {**cells, "score": grade.score, "max": grade.max, "to come": grade.to_come, "penalty": grade.penalty}
    marked = verdict.state != "infra-error"
    cells = {result.id.replace(".", "-"): result.points if marked else None for result in verdict.checks}
    return {**cells, "score": verdict.score if marked else None, "max": verdict.max, "to come": None, "penalty": None}


def _number(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def plain(words: str) -> str:
    """Return words that a spreadsheet doesn't take for a formula, which it would run."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


def _numbers(verdicts: Sequence[Verdict]) -> str:
    states = Counter(verdict.state for verdict in verdicts)
    parts = [f"{len(verdicts)} submissions", *(f"{state} {count}" for state, count in states.most_common())]
    marked = [verdict.score for verdict in verdicts if verdict.state != "infra-error"]
    if marked:
        parts.append(f"{sum(marked) / len(marked):.1f} points on average")
    return ", ".join(parts)
