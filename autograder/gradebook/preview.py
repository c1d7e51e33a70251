"""A preview of grading: whose score would change, from what to what and by which check. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.checks.assignment import Assignment
from autograder.gradebook.course import Course
from autograder.gradebook.grades import Grade, grades_of
from autograder.scheduling.executor import Executor, Started, grade
from autograder.submission import Submission
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Change:
    """What grading would change for one student; ``before`` is None where the gradebook has no score.

    ``checks`` are the checks whose points would change: the id, the points before and after.
    """

    student: str
    before: float | None
    after: float
    checks: tuple[tuple[str, float | None, float], ...]

    @property
    def line(self) -> str:
        """One line for a terminal."""
        by = ", ".join(f"{name} {_points(before)} → {after:g}" for name, before, after in self.checks)
        return f"{self.student}: {_points(self.before)} → {self.after:g} ({by})"

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of plain values."""
        checks = [{"id": name, "before": before, "after": after} for name, before, after in self.checks]
        return {"student": self.student, "before": self.before, "after": self.after, "checks": checks}


def previewed(
    course: Course,
    assignment: Assignment,
    submissions: Sequence[Submission],
    executor: Executor,
    *,
    regrade: bool = False,
    started: Started = lambda *_: None,
    between: Callable[[], object] = lambda: None,
) -> Iterator[Verdict]:
    """Yield the verdicts that `autograder grade` would record; kept ones are not run again, unless ``regrade``."""
    verdicts = course.verdicts(assignment, executor.config)
    known = {} if regrade else {work.student: verdicts.known(work) for work in submissions}
    yield from (verdict for verdict in known.values() if verdict is not None)
    fresh = [work for work in submissions if known.get(work.student) is None]
    yield from grade(fresh, executor, started=started, between=between)


def present_grades(course: Course, assignment: str) -> dict[str, Grade]:
    """Return the grades that the gradebook has, by student; a gradebook that doesn't exist is not made."""
    if not course.has_gradebook():
        return {}
    with course.gradebook() as book:
        return {row.student: row for row in grades_of(book, assignment)}


def change(verdict: Verdict, present: Grade | None) -> Change | None:
    """Return what a verdict would change; None for nothing. Points that a person gave stay."""
    if verdict.state == "infra-error":
        return None
    checks = []
    after = present.raw if present else 0.0
    for result in verdict.checks:
        cell = present.cell(result.id.replace(".", "-")) if present else None
        if cell is not None and cell.by_hand:
            continue
        before = cell.points if cell else None
        after += result.points - (before or 0)
        if before != result.points:
            checks.append((result.id, before, result.points))
    return Change(verdict.student, present.raw if present else None, after, tuple(checks)) if checks else None


def _points(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"
