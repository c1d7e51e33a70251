"""More time for one student: nbgrader's own extension, which counts for the penalty in both ways of grading."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SAWarning

from autograder.errors import NoDueDate, UnknownStudent


def grant(book: Gradebook, assignment: str, student: str, extra: timedelta) -> datetime:
    """Extend a student's time beyond the due date, in place of an earlier extension; return the new due date, in UTC.

    The student may submit later. Raises :class:`~autograder.errors.NoDueDate` and
    :class:`~autograder.errors.UnknownStudent`.
    """
    try:
        due: datetime | None = book.find_assignment(assignment).duedate
    except MissingEntry:
        due = None
    if due is None:
        raise NoDueDate(assignment)
    roster = [known.id for known in book.students]
    if student not in roster:
        raise UnknownStudent(student, roster)
    with warnings.catch_warnings():
        # nbgrader builds a new submission in an order that SQLAlchemy remarks upon, without harm.
        warnings.simplefilter("ignore", SAWarning)
        book.update_or_create_submission(assignment, student)
    book.grant_extension(assignment, student, minutes=extra.total_seconds() / 60)
    return due + extra
