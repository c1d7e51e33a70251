"""Grades as Moodle and Canvas import them into their gradebooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from autograder.gradebook.grades import Grade
from autograder.reporting.tables import plain

#: A student's first name, last name and e-mail address by the id.
Names = Mapping[str, tuple[str, str, str]]


def moodle_csv(assignment: str, grades: Sequence[Grade], names: Names) -> str:
    """Return the file for *Grades, Import, CSV file*: the student, the points, and a line of feedback.

    Moodle asks which column identifies the student: the user name, the ID number or the e-mail address.
    """
    rows = [["username", "firstname", "lastname", "email", assignment, f"{assignment} feedback"]]
    for grade in grades:
        first, last, email = names.get(grade.student, ("", "", ""))
        rows.append([grade.student, plain(first), plain(last), email, f"{grade.score:g}", plain(_feedback(grade))])
    return _text(rows)


def canvas_csv(assignment: str, grades: Sequence[Grade], names: Names) -> str:
    """Return the file for *Grades, Import*: Canvas's columns, and the points possible in the second row.

    The student is found by the SIS login id; where the course has other ids, copy the ID column of Canvas's own export.
    """
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment]]
    rows.append(["    Points Possible", "", "", "", "", f"{max((grade.max for grade in grades), default=0):g}"])
    for grade in grades:
        first, last, _ = names.get(grade.student, ("", "", ""))
        name = f"{last}, {first}".strip(", ") or grade.student
        rows.append([plain(name), "", "", grade.student, "", f"{grade.score:g}"])
    return _text(rows)


def _feedback(grade: Grade) -> str:
    comments = [cell.comment for cell in grade.cells if cell.comment]
    return ". ".join([f"{grade.line}", *comments])


def _text(rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
