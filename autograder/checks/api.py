"""What a check is: a function that looks at a daemon, its points, and the line the student reads.

One assignment's checks are one file in ``autograder/checks/``, from top to bottom in the order they run::

    @check(points=2, needs=[running])
    def answers(context: CheckContext) -> None:
        \"\"\"It answers a request for its front page.\"\"\"
        if ground.fetch(8080).status != 200:
            raise Failed("It answered 404.", hint="Which file does it serve as its front page?")

The first line of the docstring is what the student reads. Returning passes; ``Failed`` fails; any other
exception is the grader's fault. The id is ``service.answers``: the file's name and the function's.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import autograder.assignments
from autograder.checks.context import CheckContext
from autograder.errors import UnknownAssignment, UnknownCheck
from autograder.execution.kernel_container import DEFAULT, Limits

Look = Callable[[CheckContext], None]


class Failed(Exception):
    """The work is not there yet: ``reason`` says what was seen, ``hint`` how to go on (never the answer)."""

    def __init__(self, reason: str, *, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True)
class Check:
    """One thing to look at, made by :func:`check`."""

    look: Look
    points: float
    needs: tuple[Check, ...]
    patience: float

    @property
    def id(self) -> str:
        """``service.answers``: what a student writes in ``check("…")``."""
        return f"{self.look.__module__.rpartition('.')[2]}.{self.look.__name__}"

    @property
    def grade_id(self) -> str:
        """``service-answers``: the notebook cell that holds its points in the gradebook."""
        return self.id.replace(".", "-")

    @property
    def line(self) -> str:
        """The line the student reads."""
        return (self.look.__doc__ or self.id).strip().splitlines()[0]


def check(*, points: float, needs: Sequence[Check] = (), patience: float = 1.0) -> Callable[[Look], Check]:
    """Make a function a check.

    It is skipped unless all of ``needs`` passed. A failed look is repeated for ``patience`` seconds, at least once.
    """
    return lambda look: Check(look, points, tuple(needs), patience)


def known() -> list[str]:
    """The assignments that have checks."""
    return sorted(module.name for module in pkgutil.iter_modules(autograder.assignments.__path__))


def checks_of(stem: str) -> list[Check]:
    """An assignment's checks in the order they are written, or :class:`UnknownAssignment`."""
    if stem not in known():
        raise UnknownAssignment(stem, known())
    module = importlib.import_module(f"autograder.assignments.{stem}")
    return [value for value in vars(module).values() if isinstance(value, Check)]


def limits_of(stem: str) -> Limits:
    """What an assignment's notebook may use: what its file calls ``LIMITS``, else what is usual."""
    limits: Limits = _told(stem, "LIMITS", DEFAULT)
    return limits


def machines_of(stem: str) -> int:
    """How many machines a submission's grading takes at once: what its file calls ``MACHINES``, else one."""
    return int(_told(stem, "MACHINES", 1))


def _told(stem: str, name: str, usual: Any) -> Any:
    checks_of(stem)
    return getattr(importlib.import_module(f"autograder.assignments.{stem}"), name, usual)


def find(name: str) -> Check:
    """The check with this id, or :class:`UnknownCheck`."""
    stem = name.partition(".")[0]
    there = checks_of(stem) if stem in known() else []
    for one in there:
        if one.id == name:
            return one
    raise UnknownCheck(name, [one.id for one in there])
