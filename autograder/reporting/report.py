"""How a class did: points per check, and which check fails most. Made from kept verdicts, never from notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.checks.api import Check
from autograder.checks.assignment import Assignment
from autograder.gradebook.grades import Grade
from autograder.reporting.tables import COLOURS
from autograder.verdict import Outcome, Result, Verdict

_BAR, _TOLD = 20, 3
#: A colour for each outcome, and a letter that distinguishes them without colours.
_LOOKS: dict[Outcome, tuple[str, str]] = {
    "passed": ("green", "█"),
    "failed": ("red", "▒"),
    "skipped": ("bright_black", "·"),
    "error": ("yellow", "!"),
}


@dataclass(frozen=True)
class Line:
    """One check over a class: how often it came out in each way, and what was seen most often when it failed."""

    check: Check
    outcomes: Counter[Outcome]
    reason: str

    @property
    def total(self) -> int:
        """How many submissions it was to look at."""
        return self.outcomes.total()

    @property
    def average(self) -> float:
        """Its points, on average."""
        return self.check.points * self.outcomes["passed"] / self.total if self.total else 0


def lines(assignment: Assignment, verdicts: Sequence[Verdict]) -> list[Line]:
    """Return a line for each check of an assignment, in its order; what the grader could not grade does not count."""
    counted = [verdict for verdict in verdicts if verdict.state != "infra-error"]
    return [_line(check, counted) for check in assignment.checks]


def hardest(rows: Sequence[Line]) -> Line | None:
    """The check that fails most often, if any fails."""
    worst = max(rows, key=lambda line: line.outcomes["failed"], default=None)
    return worst if worst and worst.outcomes["failed"] else None


def table(assignment: Assignment, verdicts: Sequence[Verdict]) -> RenderableType:
    """The report for a terminal, however narrow."""
    checked = lines(assignment, verdicts)
    worst = hardest(checked)
    shown: list[Outcome] = [
        outcome for outcome in _LOOKS if outcome != "error" or any(line.outcomes[outcome] for line in checked)
    ]
    rows = Table(title=f"{assignment.name}: points per check", title_justify="left")
    rows.add_column("check", no_wrap=True)
    rows.add_column("points", justify="right", no_wrap=True)
    rows.add_column("", no_wrap=True)
    for outcome in shown:
        rows.add_column(outcome, justify="right", no_wrap=True)
    for line in checked:
        name = Text(line.check.id.partition(".")[2], "bold red" if line is worst else "")
        counts = [str(line.outcomes[outcome] or "") for outcome in shown]
        rows.add_row(name, f"{line.average:.1f} / {line.check.points:g}", _bar(line), *counts)
    return Group(rows, _states(verdicts), *_in_words(checked, worst))


def by_persons(grades: Sequence[Grade]) -> str:
    """Return a line on what the gradebook has beside the checks: the average, who waits, who was late."""
    if not grades:
        return "The gradebook has no score yet."
    average = sum(grade.score for grade in grades) / len(grades)
    waiting = sum(bool(grade.to_come) for grade in grades)
    late = sum(bool(grade.penalty) for grade in grades)
    parts = [f"In the gradebook: {average:.1f} of {max(grade.max for grade in grades):g} points on average"]
    parts += [f"{waiting} to be marked by a person"] if waiting else []
    parts += [f"{late} with a late penalty"] if late else []
    return ", ".join(parts) + "."


def _line(check: Check, verdicts: Sequence[Verdict]) -> Line:
    results: list[Result] = [result for verdict in verdicts for result in verdict.checks if result.id == check.id]
    reasons = Counter(result.reason for result in results if result.state == "failed")
    reason = max(reasons, key=lambda reason: (reasons[reason], reason), default="")
    return Line(check, Counter(result.state for result in results), reason)


def _bar(line: Line) -> Text:
    """The outcomes side by side, a piece for each that is as long as it is frequent."""
    bar, done, drawn = Text(), 0, 0
    for outcome, (colour, letter) in _LOOKS.items():
        done += line.outcomes[outcome]
        until = round(_BAR * done / line.total) if line.total else 0
        bar.append(letter * (until - drawn), colour)
        drawn = until
    return bar


def _states(verdicts: Sequence[Verdict]) -> Text:
    states = Counter(verdict.state for verdict in verdicts)
    counts = [Text(f"{state} {count}", COLOURS[state]) for state, count in states.most_common()]
    return Text("   ").join([Text(f"{len(verdicts)} submissions"), *counts])


def _in_words(rows: Sequence[Line], worst: Line | None) -> list[Text]:
    """Which check fails most, and what was seen when it or one of the next did."""
    if worst is None:
        return [Text("No check failed.")]
    share = 100 * worst.outcomes["failed"] / worst.total
    hard = sorted((line for line in rows if line.reason), key=lambda line: -line.outcomes["failed"])
    examples = [Text(f"  {line.check.id}: {line.reason}") for line in hard[:_TOLD]]
    most = Text(f"{worst.check.id} fails most often, for {share:.0f} % of the class. Seen most often:")
    return [most, *examples]
