"""Compares kept verdicts with the gradebook: what `nbgrader autograde` graded, and points that changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.checks.api import Check
from autograder.checks.assignment import Assignment
from autograder.gradebook.grades import Grade
from autograder.verdict import Outcome, Result, Verdict

_BY_NBGRADER = "Graded by `nbgrader autograde`; its feedback has the reasons."


def reconciled(assignment: Assignment, verdicts: Iterable[Verdict], grades: Sequence[Grade]) -> list[Verdict]:
    """Return a verdict for each student, by student: the kept one, while the gradebook has the points of its checks.

    Otherwise it is made of the gradebook's points: `nbgrader autograde` graded that work, or graded it again.
    """
    rows = {verdict.student: verdict for verdict in verdicts}
    for grade in grades:
        kept = rows.get(grade.student)
        if kept is None or (kept.state != "infra-error" and not _agrees(kept, grade)):
            rows[grade.student] = _from_gradebook(assignment, grade)
    return [rows[student] for student in sorted(rows)]


def outdated(assignment: Assignment, grades: Iterable[Grade]) -> dict[str, list[str]]:
    """Return, by student, the checks whose score fits neither no points nor the present points.

    The points of a check were changed, or a check was added, after these students were graded.
    """
    affected = {grade.student: [check.id for check in assignment.checks if _is_old(check, grade)] for grade in grades}
    return {student: checks for student, checks in affected.items() if checks}


def _is_old(check: Check, grade: Grade) -> bool:
    cell = grade.cell(check.grade_id)
    return cell is None or cell.auto not in (0, check.points)


def _agrees(verdict: Verdict, grade: Grade) -> bool:
    cells = {result.id: grade.cell(result.id.replace(".", "-")) for result in verdict.checks}
    return all((cell := cells[result.id]) is not None and cell.auto == result.points for result in verdict.checks)


def _from_gradebook(assignment: Assignment, grade: Grade) -> Verdict:
    results = []
    for check in assignment.checks:
        cell = grade.cell(check.grade_id)
        points = cell.auto if cell else None
        state: Outcome = "skipped" if points is None else "passed" if points >= check.points else "failed"
        results.append(Result(check.id, check.line, check.points, state))
    return Verdict(grade.student, assignment.name, "graded", tuple(results), 0, note=_BY_NBGRADER)
