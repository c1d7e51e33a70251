"""What the gradebook says of each submission: points of checks and of persons, comments, extra credit, the penalty.

Nothing is decided here; the same values stand in nbgrader's formgrader, its feedback and its export.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment


@dataclass(frozen=True)
class CellGrade:
    """One graded cell: ``points`` is None until there are any, ``by_hand`` says that a person gave them."""

    cell: str
    points: float | None
    max: float
    by_hand: bool
    extra: float
    comment: str


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

    def points(self) -> dict[str, float | None]:
        """Return the points by the name of the cell."""
        return {cell.cell: cell.points for cell in self.cells}

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
            by_hand = grade.manual_score is not None
            points = grade.manual_score if by_hand else grade.auto_score
            extra = grade.extra_credit or 0.0
            comment = comments.get(grade.name, "")
            cells.append(CellGrade(grade.name, points, float(grade.max_score), by_hand, extra, comment))
    late = submission.total_seconds_late if submission.assignment.duedate else 0.0
    penalty = submission.late_submission_penalty or 0.0
    return Grade(submission.student_id, tuple(cells), float(penalty), float(late), submission.timestamp)
