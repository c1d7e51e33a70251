"""Verdicts into nbgrader's gradebook: one grade cell for each check, decided nowhere but here.

A score never outlives the work it was given for: it is removed before other work is graded, and a new one replaces
all of an old one in one transaction. An ``infra-error`` is the grader's fault and leaves everything as it was. What a
person gave by hand stays.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SAWarning, SQLAlchemyError

from autograder.checks.assignment import Assignment
from autograder.errors import ExtraMissing, GradebookFailed
from autograder.verdict import Verdict


@contextmanager
def opened(url: str, course: str = "default_course") -> Iterator[Gradebook]:
    """The gradebook at an address; the database's own trouble comes out as :class:`GradebookFailed`."""
    try:
        with closing(Gradebook(url, course)) as book:
            yield book
    except DBAPIError as error:
        raise GradebookFailed(_shown(url), str(error.orig or error)) from error
    except ModuleNotFoundError as error:
        raise ExtraMissing(f"The gradebook at {_shown(url)}", "postgres") from error
    except (InvalidEntry, SQLAlchemyError) as error:
        raise GradebookFailed(_shown(url), str(error).partition("\n[SQL")[0]) from error


def _shown(url: str) -> str:
    """An address without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "the address that was given"


def is_up_to_date(book: Gradebook, assignment: Assignment) -> bool:
    """Return whether the gradebook has a cell of the right points for every check of an assignment."""
    wanted = {(check.grade_id, float(check.points)) for check in assignment.checks}
    try:
        cells = book.find_notebook(assignment.name, assignment.name).grade_cells
    except MissingEntry:
        return False
    return wanted <= {(cell.name, float(cell.max_score)) for cell in cells}


def has_due_date(book: Gradebook, assignment: str) -> bool:
    """Return whether an assignment has a due date, so that it matters when work was submitted."""
    try:
        return book.find_assignment(assignment).duedate is not None
    except MissingEntry:
        return False


def record(book: Gradebook, verdict: Verdict, submitted_at: datetime | None = None) -> bool:
    """Write a verdict's points, and when the work was submitted; False when it changes nothing."""
    if verdict.state == "infra-error":
        return False
    book.update_or_create_student(verdict.student)
    enter(book, verdict.assignment, verdict.student, submitted_at)
    points = {result.id.replace(".", "-"): result.points for result in verdict.checks}
    notebook = book.find_submission_notebook(verdict.assignment, verdict.assignment, verdict.student)
    for grade in notebook.grades:
        grade.auto_score = points.get(grade.name)
        # Points given by a person outlive this run, but somebody should look at them again.
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
    book.db.commit()
    return True


def enter(book: Gradebook, assignment: str, student: str, submitted_at: datetime | None = None) -> None:
    """Enter a submission, or when it was submitted; without a time, the one that is known stays."""
    with warnings.catch_warnings():
        # nbgrader builds a new submission in an order that SQLAlchemy remarks upon, without harm.
        warnings.simplefilter("ignore", SAWarning)
        when = {"timestamp": submitted_at} if submitted_at else {}
        book.update_or_create_submission(assignment, student, **when)


def answers(book: Gradebook, assignment: str) -> set[str]:
    """Return the ids of the cells of an assignment that a student fills in."""
    return {cell.name for cell in book.find_notebook(assignment, assignment).solution_cells}


def cells(book: Gradebook, assignment: str) -> dict[str, dict[str, Any]]:
    """Return nbgrader's metadata of the cells that the gradebook knows, by the cell's id."""
    notebook = book.find_notebook(assignment, assignment)
    grades = {cell.name: cell.max_score for cell in notebook.grade_cells}
    tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    metadata: dict[str, dict[str, Any]] = {}
    for cell in notebook.source_cells:
        kinds = {"grade": cell.name in grades, "solution": cell.name in solutions, "task": cell.name in tasks}
        common = {"schema_version": 3, "grade_id": cell.name, "cell_type": cell.cell_type, "locked": bool(cell.locked)}
        points = {**grades, **tasks}.get(cell.name)
        metadata[cell.name] = {**common, **kinds, **({} if points is None else {"points": float(points)})}
    return metadata


def blank(book: Gradebook, assignment: str, student: str) -> bool:
    """Take the scores off a submission that is about to be replaced by other work; False when it has none."""
    grades = _grades(book, assignment, student)
    for grade in grades:
        grade.auto_score, grade.needs_manual_grade = None, True
    book.db.commit()
    return bool(grades)


def flag(book: Gradebook, assignment: str, student: str) -> None:
    """Leave the scores as they are, but have somebody look: they may be for work that was replaced."""
    for grade in _grades(book, assignment, student):
        grade.needs_manual_grade = True
    book.db.commit()


def has(book: Gradebook, verdict: Verdict) -> bool:
    """Return whether the gradebook already has the scores of a verdict."""
    recorded = {grade.name: grade.auto_score for grade in _grades(book, verdict.assignment, verdict.student)}
    return all(recorded.get(result.id.replace(".", "-")) == result.points for result in verdict.checks)


def has_score(book: Gradebook, assignment: str, student: str) -> bool:
    """Return whether a check has points, of whatever work."""
    return any(grade.auto_score is not None for grade in _grades(book, assignment, student))


def scores(book: Gradebook, assignment: Assignment, student: str) -> dict[str, float]:
    """Return the points that the gradebook has for each check, by its id."""
    notebook = book.find_submission_notebook(assignment.name, assignment.name, student)
    names = {check.grade_id: check.id for check in assignment.checks}
    return {names[grade.name]: grade.score for grade in notebook.grades if grade.name in names}


def _grades(book: Gradebook, assignment: str, student: str) -> list[Any]:
    """Return the grades of a submission; none when there was none yet."""
    try:
        return list(book.find_submission_notebook(assignment, assignment, student).grades)
    except MissingEntry:
        return []
