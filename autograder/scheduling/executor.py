"""Grading a class: each submission goes to an executor and comes back as a verdict.

An executor is this process, several of this computer (:mod:`autograder.scheduling.process_pool`), or many on a cluster
(:mod:`autograder.scheduling.dask_executor`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import Protocol, Self

from autograder.checks.assignment import Assignment
from autograder.checks.runner import not_run
from autograder.errors import WorkerLost, WorkerStuck
from autograder.grade import BROKE, grade_one
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission
from autograder.verdict import Verdict

#: Called with the submission whose grading starts, and the number of the attempt.
Started = Callable[[Submission, int], object]

_TRIES = 3
#: How often an executor is asked whether it has grown, in seconds.
_LOOK_SECONDS = 1.0


class Executor(Protocol):
    """Grades submissions, wherever its workers are."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def config(self) -> GradingConfig:
        """How they are graded."""
        ...

    @property
    def in_background(self) -> bool:
        """Whether other processes grade, so that this one can record a verdict meanwhile."""
        ...

    def size(self) -> int:
        """Return how many submissions it grades at once; that may change."""
        ...

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Start grading a submission; ``ahead`` says that its worker will get another one.

        The future raises :class:`~autograder.errors.WorkerLost` when the process that graded it ended meanwhile, and
        :class:`~autograder.errors.WorkerStuck` when it took too long.
        """
        ...


class LocalExecutor:
    """The present process, one submission after the other."""

    in_background = False

    def __init__(self, config: GradingConfig | None = None) -> None:
        self.config = config or GradingConfig()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to end."""

    def size(self) -> int:
        """Return 1: it grades one at a time."""
        return 1

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Grade it now."""
        future: Future[Verdict] = Future()
        assignment = self.config.assignment(submission.assignment)
        future.set_result(grade_one(submission, self.config.new_sandbox(), assignment))
        return future


def grade(
    submissions: Iterable[Submission],
    executor: Executor,
    *,
    started: Started = lambda *_: None,
    between: Callable[[], object] = lambda: None,
) -> Iterator[Verdict]:
    """Yield the verdicts, each as soon as it is known.

    ``between`` is called at least once a second, and stops it all by raising something.
    Where the grader or its machine may be at fault, a submission gets up to two more tries: no honest work should
    be worth nothing for one bad machine, and a notebook that kills its machine does so each time.
    """
    waiting = deque((submission, 1) for submission in submissions)
    running: dict[Future[Verdict], tuple[Submission, int]] = {}

    def start_more() -> None:
        size = executor.size()
        while waiting and len(running) < size:
            submission, attempt = waiting.popleft()
            started(submission, attempt)
            # Every other worker has booted a machine ahead, too: the last submissions need none besides those.
            future = executor.start(submission, ahead=len(waiting) >= size)
            running[future] = (submission, attempt)

    while waiting or running:
        between()
        start_more()
        if not running:  # a cluster may have nobody for a while
            time.sleep(_LOOK_SECONDS)
        verdicts = []
        for future in wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
            submission, attempt = running.pop(future)
            verdict = _verdict(future, submission, executor.config)
            if verdict.try_again and attempt < _TRIES:
                waiting.appendleft((submission, attempt + 1))
            else:
                verdicts.append(verdict)
        try:
            if executor.in_background:  # a worker goes on while its verdict is recorded
                start_more()
        finally:  # a cluster that went away takes no verdict along that is known already
            yield from verdicts


def _verdict(future: Future[Verdict], submission: Submission, config: GradingConfig) -> Verdict:
    """Return a future's verdict; an ``infra-error`` when the process that graded has ended."""
    try:
        return future.result()
    except (WorkerLost, WorkerStuck) as error:
        return without_verdict(submission, config.assignment(submission.assignment), error)


def without_verdict(submission: Submission, assignment: Assignment, error: WorkerLost | WorkerStuck) -> Verdict:
    """Return an ``infra-error`` for a submission whose process ended before it had a verdict."""
    checks = tuple(not_run(assignment.checks))
    work = (submission.student, submission.assignment)
    again = isinstance(error, WorkerLost)  # a second try would take as long
    return Verdict(*work, "infra-error", checks, 0, note=BROKE, diagnostics=str(error), try_again=again)
