"""The verdicts that are known, a file for each student: what makes a run go on where the last one was cut off.

A verdict is used again only for the very same bytes of work, assignment, images and grader. It is written whole or not
at all, and one that was damaged since is as good as none. An ``infra-error`` is no answer, so it is only kept beside,
for reports.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.checks.assignment import Assignment
from autograder.errors import CannotWrite
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission, digest
from autograder.verdict import Verdict
from drydock.core.files import write_atomically

_VERDICT, _TROUBLE = "verdict.json", "trouble.json"


class VerdictStore:
    """Those of one assignment, in a folder of the course."""

    def __init__(self, folder: Path, assignment: Assignment, config: GradingConfig) -> None:
        self._folder = folder / assignment.name
        self._assignment = assignment
        self._config = config

    @cached_property
    def _code(self) -> str:
        return code_key(self._assignment, self._config)

    def known(self, submission: Submission) -> Verdict | None:
        """The verdict on exactly this work by exactly this code."""
        kept = self._read(submission.student, _VERDICT)
        return Verdict.from_json(kept["verdict"]) if kept and kept["key"] == self._key(submission) else None

    def is_of_other_work(self, submission: Submission) -> bool:
        """Return whether the last verdict, and so the score, is about other bytes; False where there is none."""
        kept = self._read(submission.student, _VERDICT)
        return kept is not None and kept["work"] != submission.digest()

    def last(self, student: str) -> Verdict | None:
        """What became of a student's work when it was last graded, or tried to be."""
        kept = self._read(student, _TROUBLE) or self._read(student, _VERDICT)
        return Verdict.from_json(kept["verdict"]) if kept else None

    def all(self) -> list[Verdict]:
        """The last of each student, by student."""
        students = {kept["verdict"]["student"] for kept in map(_read, self._folder.glob("*/*.json")) if kept}
        return [verdict for student in sorted(students) if (verdict := self.last(student))]

    def keep(self, submission: Submission, verdict: Verdict) -> None:
        """Write it down; raises :class:`~autograder.errors.CannotWrite`."""
        folder = self._home(verdict.student)
        record = {"key": self._key(submission), "work": submission.digest(), "verdict": verdict.to_json()}
        name = _TROUBLE if verdict.state == "infra-error" else _VERDICT
        write(folder / name, json.dumps({"sum": _sum(record), **record}))
        if name == _VERDICT:
            self.settle(verdict.student)

    def settle(self, student: str) -> None:
        """Remove what went wrong since the verdict that is kept: it is still the answer on this work."""
        discard(self._home(student) / _TROUBLE)

    def forget(self, student: str) -> None:
        """Remove the verdicts on work that was replaced."""
        for name in (_VERDICT, _TROUBLE):
            discard(self._home(student) / name)

    def _key(self, submission: Submission) -> str:
        return digest([submission.digest().encode(), self._code.encode()])

    def _read(self, student: str, name: str) -> dict[str, Any] | None:
        return _read(self._home(student) / name)

    def _home(self, student: str) -> Path:
        """Return a folder by the student's name, as far as a folder can have it; the digest distinguishes the rest."""
        return self._folder / f"{quote(student, safe=' ')[:80]}-{digest([student.encode()])[:8]}"


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all, its folder too; raises :class:`~autograder.errors.CannotWrite`.

    What UTF-8 can't have becomes a question mark: one character of one student must not cost the class its file.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text.encode(errors="replace").decode(), sync=True)
    except OSError as error:
        raise CannotWrite(file, error.strerror or str(error)) from None


def discard(file: Path) -> None:
    """Remove a file, if it is there; raises :class:`~autograder.errors.CannotWrite`."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(file, error.strerror or str(error)) from None


def _read(file: Path) -> dict[str, Any] | None:
    """What a file holds, if it is whole."""
    try:
        kept: dict[str, Any] = json.loads(file.read_bytes())
        whole = kept.pop("sum") == _sum(kept)
        Verdict.from_json(kept["verdict"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return kept if whole else None


def _sum(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
