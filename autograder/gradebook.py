"""Verdicts into nbgrader's gradebook: one grade cell for each check, decided nowhere but here.

An old mark is blanked in the same stroke that writes the new one, so no mark can outlive the work it was given
for. An ``infra-error`` is the grader's fault and leaves everything as it was. What a person gave by hand stays.
"""

from __future__ import annotations

import warnings

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SAWarning

from autograder.check import checks_of
from autograder.verdict import Verdict


def is_up_to_date(book: Gradebook, stem: str) -> bool:
    """Whether the gradebook has a cell of the right points for every check of an assignment."""
    wanted = {(one.grade_id, float(one.points)) for one in checks_of(stem)}
    try:
        cells = book.find_notebook(stem, stem).grade_cells
    except MissingEntry:
        return False
    return wanted <= {(cell.name, float(cell.max_score)) for cell in cells}


def record(book: Gradebook, verdict: Verdict) -> bool:
    """Write a verdict's points; False when it changes nothing."""
    if verdict.state == "infra-error":
        return False
    with warnings.catch_warnings():
        # nbgrader builds a new submission in an order that SQLAlchemy remarks upon, without harm.
        warnings.simplefilter("ignore", SAWarning)
        book.update_or_create_student(verdict.student)
        book.update_or_create_submission(verdict.assignment, verdict.student)
    points = {result.id.replace(".", "-"): result.points for result in verdict.checks}
    notebook = book.find_submission_notebook(verdict.assignment, verdict.assignment, verdict.student)
    for grade in notebook.grades:
        grade.auto_score = points.get(grade.name)
        # A mark given by hand outlives this run, but somebody should look at it again.
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
    book.db.commit()
    return True


def scores(book: Gradebook, stem: str, student: str) -> dict[str, float]:
    """The points that the gradebook has for each check, by its id."""
    notebook = book.find_submission_notebook(stem, stem, student)
    names = {one.grade_id: one.id for one in checks_of(stem)}
    return {names[grade.name]: grade.score for grade in notebook.grades if grade.name in names}
