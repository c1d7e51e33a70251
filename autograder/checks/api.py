"""What a check is: a function that looks at a daemon, its points, and the line the student reads.

An assignment's checks are one file, ``checks.py`` beside its notebook, in the order in which they run::

    @check(points=2, needs=[running])
    def answers(context: CheckContext) -> None:
        \"\"\"It answers a request for its front page.\"\"\"
        if context.fetch(8080).status != 200:
            raise Failed("It answered 404.", hint="Which file does it serve as its front page?")

The first line of the docstring is what the student reads. A check that returns has passed; one that raises ``Failed``
has failed; any other exception is the grader's fault. The id is ``service.answers``: the assignment's name and the
function's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.checks.context import CheckContext

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
        """``service.answers``: what a student writes in ``check("…")``. The assignment is the module's package."""
        package = self.look.__module__.rpartition(".")[0]
        return f"{package.rpartition('.')[2]}.{self.look.__name__}"

    @property
    def grade_id(self) -> str:
        """``service-answers``: the notebook cell that has its points in the gradebook."""
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
