"""More time for one student: nbgrader's own extension, which counts for the penalty in both ways of grading."""

from __future__ import annotations

from datetime import datetime, timedelta

from nbgrader.api import Gradebook, MissingEntry

from autograder.errors import InvalidExtension, NoDueDate, UnknownStudent
from autograder.gradebook.scores import enter

_LONGEST = timedelta(days=3650)


def extra_time(days: float, hours: float) -> timedelta:
    """Return so much more time; raises :class:`~autograder.errors.InvalidExtension` where it is no such time."""
    seconds = days * 86400 + hours * 3600
    if not 0 <= seconds <= _LONGEST.total_seconds():  # no number at all is neither
        raise InvalidExtension(days, hours)
    return timedelta(seconds=seconds)


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
    enter(book, assignment, student)
    book.grant_extension(assignment, student, minutes=extra.total_seconds() / 60)
    return due + extra
