"""What grading a submission comes to: plain values that travel as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from autograder.submission import as_text

#: The most characters of a sentence that a person reads, and of a traceback.
_LONGEST, _LONGEST_TRACEBACK = 2_000, 50_000
#: What became of a submission. ``infra-error`` is the grader's fault and changes no score.
State = Literal["graded", "timed-out", "crashed", "unreadable", "infra-error"]

#: What became of one check. ``error`` is the grader's fault.
Outcome = Literal["passed", "failed", "skipped", "error"]


@dataclass(frozen=True)
class Result:
    """What one check saw."""

    id: str
    line: str
    max: float
    state: Outcome
    reason: str = ""
    hint: str = ""

    def __post_init__(self) -> None:
        # A reason quotes what a student's program answered, which may be megabytes in one word.
        _make_writable(self, line=_LONGEST, reason=_LONGEST, hint=_LONGEST)

    @property
    def points(self) -> float:
        """All or nothing; partial credit comes from having several checks."""
        return self.max if self.state == "passed" else 0

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        return {**asdict(self), "points": self.points}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Return the result from the output of :meth:`to_json`."""
        if data["state"] not in get_args(Outcome):
            raise ValueError(f"no such outcome: {data['state']!r}")
        return cls(**{name: data[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Verdict:
    """What became of a submission, and why.

    ``notebook`` is the executed notebook as JSON text, written by the submission itself: for showing only.
    ``note`` is for the student, ``diagnostics`` are for the person who runs the grading. ``try_again`` says that the
    grader or its machine is at fault, or may be. ``isolation`` names the layers around the work, outermost first.
    """

    student: str
    assignment: str
    state: State
    checks: tuple[Result, ...]
    seconds: float
    notebook: str = ""
    note: str = ""
    diagnostics: str = field(default="", repr=False)
    try_again: bool = False
    isolation: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _make_writable(self, notebook=None, note=_LONGEST, diagnostics=_LONGEST_TRACEBACK)

    @property
    def score(self) -> float:
        """The points of all checks together."""
        return sum(result.points for result in self.checks)

    @property
    def max(self) -> float:
        """The points there were to have."""
        return sum(result.max for result in self.checks)

    def summary(self) -> dict[str, Any]:
        """What ``autograder grade --json`` writes about it."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "state": self.state,
            "score": self.score,
            "max": self.max,
            "seconds": round(self.seconds, 1),
            "note": self.note,
            "isolation": list(self.isolation),
            "checks": [result.to_json() for result in self.checks],
        }

    def to_json(self) -> dict[str, Any]:
        """All of it, for another process or a later run."""
        hidden = {name: getattr(self, name) for name in ("seconds", "notebook", "diagnostics", "try_again")}
        return {**self.summary(), **hidden}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """Return the verdict that :meth:`to_json` wrote."""
        if data["state"] not in get_args(State):
            raise ValueError(f"no such state: {data['state']!r}")
        plain = {name: data[name] for name in cls.__dataclass_fields__ if name not in ("checks", "isolation")}
        return cls(checks=tuple(map(Result.from_json, data["checks"])), isolation=tuple(data["isolation"]), **plain)


def _make_writable(record: Result | Verdict, **longest: int | None) -> None:
    """Make texts of a new record short, and such that UTF-8 can have them; else one could stop the page of all."""
    for name, most in longest.items():
        words = as_text(getattr(record, name))
        if most is not None and len(words) > most:
            words = f"{words[:most]} …"
        object.__setattr__(record, name, words)
