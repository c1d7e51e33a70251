"""What the gradebook says of each submission: points of checks and of persons, comments, extra credit, the penalty.

Nothing is decided here; the same values stand in nbgrader's formgrader, its feedback and its export.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedAssignment


@dataclass(frozen=True)
class CellGrade:
    """One graded cell: the points of its check and those of a person, which count more; None where there are none."""

    cell: str
    auto: float | None
    manual: float | None
    max: float
    extra: float = 0
    comment: str = ""

    @property
    def points(self) -> float | None:
        """The points that count; None while a person has to decide."""
        return self.auto if self.manual is None else self.manual

    @property
    def by_hand(self) -> bool:
        """Whether a person gave the points."""
        return self.manual is not None


@dataclass(frozen=True)
class Grade:
    """One submission: its cells in the notebook's order, and what lateness costs. ``late`` is in seconds."""

    student: str
    cells: tuple[CellGrade, ...]
    penalty: float
    late: float
    submitted_at: datetime | None

    @property
    def raw(self) -> float:
        """The points without the penalty."""
        return sum((cell.points or 0) + cell.extra for cell in self.cells)

    @property
    def score(self) -> float:
        """The points that count, as nbgrader exports them."""
        return max(0.0, self.raw - self.penalty)

    @property
    def max(self) -> float:
        """The points that there are to have, extra credit aside."""
        return sum(cell.max for cell in self.cells)

    @property
    def to_come(self) -> float:
        """The points that a person has still to decide on."""
        return sum(cell.max for cell in self.cells if cell.points is None)

    @property
    def is_graded(self) -> bool:
        """Whether anything was graded; an extension alone enters a submission without any points."""
        return any(cell.points is not None for cell in self.cells)

    def cell(self, name: str) -> CellGrade | None:
        """Return the cell of this name; None where the gradebook has none."""
        return next((cell for cell in self.cells if cell.cell == name), None)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of plain values."""
        cells = {cell.cell: {**asdict(cell), "points": cell.points} for cell in self.cells}
        when = self.submitted_at.isoformat(" ") if self.submitted_at else None
        numbers = {"score": self.score, "max": self.max, "to_come": self.to_come, "penalty": self.penalty}
        return {**numbers, "seconds_late": self.late, "submitted_at": when, "cells": cells}

    @property
    def line(self) -> str:
        """In words: ``10 of 12, 2 to be marked by a person``."""
        parts = [f"{self.score:g} of {self.max:g}"]
        if self.to_come:
            parts.append(f"{self.to_come:g} to be marked by a person")
        if self.penalty:
            parts.append(f"{self.penalty:g} taken off for lateness")
        return ", ".join(parts)


def grade_of(book: Gradebook, assignment: str, student: str) -> Grade | None:
    """Return a student's grade; None where the gradebook knows no submission."""
    from nbgrader.api import MissingEntry  # only here: it takes 2 s, and what renders pages needs the values alone

    try:
        return _grade(book.find_submission(assignment, student), assignment)
    except MissingEntry:
        return None


def grades_of(book: Gradebook, assignment: str) -> list[Grade]:
    """Return the grades of all submissions of an assignment that were graded, by student."""
    grades = [_grade(submission, assignment) for submission in book.assignment_submissions(assignment)]
    return sorted((grade for grade in grades if grade.is_graded), key=lambda grade: grade.student)


def _grade(submission: SubmittedAssignment, assignment: str) -> Grade:
    cells = []
    for notebook in submission.notebooks:
        if notebook.name != assignment:
            continue
        comments = {comment.name: comment.comment or "" for comment in notebook.comments}
        for grade in notebook.grades:
            points = (grade.auto_score, grade.manual_score, float(grade.max_score), grade.extra_credit or 0.0)
            cells.append(CellGrade(grade.name, *points, comments.get(grade.name, "")))
    late = submission.total_seconds_late if submission.assignment.duedate else 0.0
    penalty = submission.late_submission_penalty or 0.0
    return Grade(submission.student_id, tuple(cells), float(penalty), float(late), submission.timestamp)
