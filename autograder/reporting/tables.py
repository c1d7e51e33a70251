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


def csv_text(assignment: Assignment, verdicts: Iterable[Verdict]) -> str:
    """Return a line for each student: state, points, seconds, each check's points; empty where no score was given."""
    checks = [check.id for check in assignment.checks]
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["student", "state", "score", "max", "seconds", *checks, "note"])
    for verdict in verdicts:
        marked = verdict.state != "infra-error"
        each = {result.id: result.points for result in verdict.checks} if marked else {}
        score = [f"{verdict.score:g}", f"{verdict.max:g}"] if marked else ["", f"{verdict.max:g}"]
        scores = [f"{each[check]:g}" if check in each else "" for check in checks]
        rows.writerow(
            [_plain(verdict.student), verdict.state, *score, f"{verdict.seconds:.1f}", *scores, _plain(verdict.note)]
        )
    return file.getvalue()


def _plain(words: str) -> str:
    """A spreadsheet takes what begins like this for a formula, and would run it."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


def _numbers(verdicts: Sequence[Verdict]) -> str:
    states = Counter(verdict.state for verdict in verdicts)
    parts = [f"{len(verdicts)} submissions", *(f"{state} {count}" for state, count in states.most_common())]
    marked = [verdict.score for verdict in verdicts if verdict.state != "infra-error"]
    if marked:
        parts.append(f"{sum(marked) / len(marked):.1f} points on average")
    return ", ".join(parts)
