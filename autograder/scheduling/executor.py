"""A class is graded: each submission goes to one of a crew, and comes back as a verdict.

A crew is this process, several of this computer (:mod:`autograder.scheduling.process_pool`), or many on a cluster
(:mod:`autograder.scheduling.dask_executor`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import Protocol, Self

from autograder.checks.api import checks_of
from autograder.checks.runner import none_looked_at
from autograder.errors import WorkerLost
from autograder.grade import BROKE, grade_one
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission
from autograder.verdict import Verdict

#: Told whose turn it is, and which try it is.
Started = Callable[[Submission, int], object]

_TRIES = 3
#: How often a crew is asked whether it has grown, in seconds.
_LOOK_SECONDS = 1.0


class Executor(Protocol):
    """Those who grade, wherever they are."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def terms(self) -> GradingConfig:
        """The terms they grade on."""
        ...

    def size(self) -> int:
        """How many submissions they grade at once; it may change."""
        ...

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Have one graded; ``ahead`` says that more will follow.

        The future raises :class:`~autograder.errors.WorkerLost` when whoever graded it ended meanwhile.
        """
        ...


class LocalExecutor:
    """The present process, one submission after the other."""

    def __init__(self, terms: GradingConfig | None = None) -> None:
        self.terms = terms or GradingConfig()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to end."""

    def size(self) -> int:
        """One at a time."""
        return 1

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Grade it now."""
        future: Future[Verdict] = Future()
        future.set_result(grade_one(submission, self.terms.new_sandbox(), self.terms.limits))
        return future


def grade(
    submissions: Iterable[Submission],
    crew: Executor,
    *,
    started: Started = lambda *_: None,
    between: Callable[[], object] = lambda: None,
) -> Iterator[Verdict]:
    """The verdicts, each as soon as it is known; one crew member grades one submission at a time.

    ``between`` is called at least once a second, and stops it all by raising something.
    Where the grader or its machine may be at fault, a submission gets up to two more tries: no honest work should
    be worth nothing for one bad machine, and a notebook that kills its machine does so each time.
    """
    waiting = deque((submission, 1) for submission in submissions)
    running: dict[Future[Verdict], tuple[Submission, int]] = {}
    while waiting or running:
        between()
        while waiting and len(running) < crew.size():
            submission, attempt = waiting.popleft()
            started(submission, attempt)
            running[crew.start(submission, ahead=bool(waiting))] = (submission, attempt)
        if not running:  # a cluster may have nobody for a while
            time.sleep(_LOOK_SECONDS)
        for future in wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
            submission, attempt = running.pop(future)
            verdict = _verdict(future, submission)
            if verdict.try_again and attempt < _TRIES:
                waiting.appendleft((submission, attempt + 1))
            else:
                yield verdict


def _verdict(future: Future[Verdict], submission: Submission) -> Verdict:
    """What whoever graded it says; an ``infra-error`` when they can't any more."""
    try:
        return future.result()
    except WorkerLost as lost:
        blank = tuple(none_looked_at(checks_of(submission.assignment)))
        who = (submission.student, submission.assignment)
        return Verdict(*who, "infra-error", blank, 0, note=BROKE, diagnostics=str(lost), try_again=True)
