"""Compares the roster, the submitted folders and the verdicts, and lists the students an instructor should look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.submission import Submission

#: Why: nothing was submitted, the student isn't in the roster, there is nothing to grade, the notebook was renamed, the
#: points changed since the last grading, the course's plug-in for late penalties failed, the time of submission can not
#: be read, the folder's name is no text, the work lies where grading doesn't look.
Kind = Literal[
    "not-submitted",
    "not-in-roster",
    "nothing-to-grade",
    "renamed",
    "not-regraded",
    "no-penalty",
    "no-time",
    "misnamed",
    "misplaced",
]
#: The kinds of which no verdict says anything.
WITHOUT_VERDICT: frozenset[Kind] = frozenset({"not-submitted", "not-regraded", "misnamed", "misplaced"})


@dataclass(frozen=True)
class Attention:
    """A student an instructor should look at: why, and what to do."""

    student: str
    kind: Kind
    reason: str
    next: str

    @property
    def line(self) -> str:
        """One line for a terminal."""
        return f"{self.student}: {self.reason}. {self.next}"

    def to_json(self) -> dict[str, str]:
        """Return a dictionary of plain values, in the form of a verdict's summary."""
        return {"student": self.student, "state": self.kind, "note": f"{self.reason}. {self.next}"}


def accounting(
    roster: Iterable[str],
    graded: Iterable[str],
    submissions: Sequence[Submission],
    renamed: Mapping[str, str],
    elsewhere: Iterable[str] = (),
) -> list[Attention]:
    """Return the students an instructor should look at, sorted by name.

    ``roster`` are the students that the gradebook knew before this run, ``graded`` those with an earlier verdict.
    Grading enters a student whom the gradebook doesn't know; so a roster in which everybody was graded may be of
    grading's own making, and nobody is unknown beside it. ``renamed`` has the name of the notebook by student, where it
    had another than the assignment's. ``elsewhere`` are those of :func:`misplaced`, who have submitted something.
    """
    known = set(roster)
    entered = known - set(graded)
    submitted = {submission.student for submission in submissions}
    rows = [_not_submitted(student) for student in entered - submitted - set(elsewhere)]
    rows += [_unknown(student) for student in submitted - known if entered]
    rows += [_nothing(submission) for submission in submissions if submission.problem]
    rows += [_renamed(student, name) for student, name in renamed.items()]
    return sorted(rows, key=lambda row: (row.student, row.kind))


def not_regraded(outdated: Mapping[str, Sequence[str]]) -> list[Attention]:
    """Return a row for each student whose points are from before a check's points changed; by student, the checks."""
    rows = []
    for student, checks in sorted(outdated.items()):
        reason = f"was graded before the points changed of {', '.join(checks)}"
        rows.append(Attention(student, "not-regraded", reason, "Grade this student again."))
    return rows


def without_penalty(problems: Mapping[str, str]) -> list[Attention]:
    """Return a row for each student whose late penalty could not be decided; by student, the error."""
    step = "Correct the plug-in and grade again; nothing is run a second time."
    reasons = {
        student: f"has no late penalty, since the plug-in failed ({error})" for student, error in problems.items()
    }
    return [Attention(student, "no-penalty", reason, step) for student, reason in sorted(reasons.items())]


def without_time(students: Iterable[str]) -> list[Attention]:
    """Return a row for each student whose time of submission is there, and can't be read."""
    reason = "has a time of submission that can't be read, so nobody knows whether the work was late"
    step = "Write it into timestamp.txt of the submitted folder, as 2026-11-28 22:00:00 UTC, and grade again."
    return [Attention(student, "no-time", reason, step) for student in sorted(students)]


def misplaced(reasons: Mapping[str, str], assignment: str) -> list[Attention]:
    """Return a row for each student or file whose work lies where grading doesn't look; by name, what is wrong."""
    step = f"This was not graded. Put the work into STUDENT/{assignment}/, where it can be read, and grade again."
    return [Attention(name, "misplaced", reason, step) for name, reason in reasons.items()]


def misnamed(names: Iterable[str]) -> list[Attention]:
    """Return a row for each submitted folder whose name is no text."""
    reason = "is no name that can be written as UTF-8, so this folder was not graded"
    return [Attention(name, "misnamed", reason, "Rename the folder to the id of the student.") for name in names]


def _not_submitted(student: str) -> Attention:
    reason = "is in the roster and has submitted nothing"
    return Attention(student, "not-submitted", reason, "Is the work under another name, or not collected yet?")


def _unknown(student: str) -> Attention:
    reason = "is not in the roster and was graded as a new student"
    return Attention(student, "not-in-roster", reason, "Is it another spelling of somebody who is?")


def _nothing(submission: Submission) -> Attention:
    return Attention(submission.student, "nothing-to-grade", submission.problem, "The score is 0 until there is one.")


def _renamed(student: str, name: str) -> Attention:
    return Attention(student, "renamed", f"the notebook is called {name[:80]}", "It was graded all the same.")
