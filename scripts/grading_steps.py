"""What the time of a submission is made of: ``python -m scripts.grading_steps``.

Perfect submissions of `service` are graded one after the other, without a machine that boots ahead, and each step's
seconds and CPU seconds are printed: the medians. The first submission is left out, since it imports modules.

The CPU time is that of this process's control group, where it has one of its own, or else of the whole computer. A
check that looks twice, since it failed at first, counts with both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

import requests
from docker import DockerClient
from rich.console import Console
from rich.table import Table

from autograder.checks.api import Check
from autograder.checks.context import CheckContext
from autograder.grade import grade_one
from autograder.gradebook.recorder import Recorder
from autograder.sandbox.machine_sandbox import MachineSandbox
from autograder.scheduling.executor import LocalExecutor
from autograder.submission import Submission
from autograder.verdict import Verdict
from scripts.bench_grading import cpu_seconds, create_course

_CGROUPS = Path("/sys/fs/cgroup")

#: Seconds and CPU seconds by the name of the step.
Figures = Mapping[str, tuple[float, float]]


class Steps:
    """The steps of one submission: the present one, and the seconds and CPU seconds of all so far."""

    def __init__(self, cpu: Callable[[], float]) -> None:
        self._cpu = cpu
        self._began: tuple[str, float, float] | None = None
        self.figures: defaultdict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))

    def begin(self, name: str) -> None:
        """End the present step and begin another; none if the name is empty."""
        now, cpu = time.monotonic(), self._cpu()
        if self._began is not None:
            step, since, cpu_before = self._began
            seconds, used = self.figures[step]
            self.figures[step] = seconds + now - since, used + cpu - cpu_before
        self._began = (name, now, cpu) if name else None


class MeasuredExecutor(LocalExecutor):
    """Grades in this process; ``steps`` are those of the submission that was started last."""

    def __init__(self, cpu: Callable[[], float]) -> None:
        super().__init__()
        self._cpu = cpu
        self.steps = Steps(cpu)

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Grade a submission; the step after it is that of its recording."""
        self.steps = Steps(self._cpu)
        assignment = self.config.assignment(submission.assignment)
        checks = [_measured(check, self.steps) for check in assignment.checks]
        future: Future[Verdict] = Future()
        future.set_result(grade_one(submission, MeasuredSandbox(self.steps), replace(assignment, checks=checks)))
        return future


class MeasuredSandbox(MachineSandbox):
    """A machine whose boot and stop are steps, and the run of the notebook in it: the first wait for a container."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps
        self._has_run = False

    def __enter__(self) -> Self:
        self._steps.begin("the machine boots")
        super().__enter__()
        self._steps.begin("the container is created, files are put into it")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps.begin("the machine stops")
        super().__exit__(kind, error, trace)
        self._steps.begin("the verdict is recorded, the feedback rendered")

    def client(self) -> DockerClient:
        """A client whose hooks see when the daemon has sent the head of an answer, and when all of it is here."""
        client = super().client()
        client.api.hooks["response"].insert(0, self._wait_begins)
        client.api.hooks["response"].append(self._wait_ends)
        return client

    def _wait_begins(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        if _is_wait(answer) and not self._has_run:
            self._steps.begin("the notebook runs")

    def _wait_ends(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        if _is_wait(answer) and not self._has_run:
            self._has_run = True
            self._steps.begin("results are read, the container is removed")


def _is_wait(answer: requests.Response) -> bool:
    return str(answer.request.path_url).endswith("/wait")


def _measured(check: Check, steps: Steps) -> Check:
    @wraps(check.look)
    def look(context: CheckContext) -> None:
        steps.begin(f"check `{check.id}`")
        check.look(context)

    return replace(check, look=look)


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m scripts.grading_steps")
    parser.add_argument("--submissions", type=int, default=5)
    submissions = parser.parse_args(arguments).submissions
    clock, source = cpu_clock()
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        course = create_course(Path(folder) / "course", submissions + 1)
        executor = MeasuredExecutor(clock)
        rows = []
        for verdict in Recorder(course, executor).grade(course.submissions("service")):
            executor.steps.begin("")
            if verdict.score != verdict.max:
                raise SystemExit(f"Not all points: {verdict.summary()}")
            rows.append(executor.steps.figures)
    console = Console(highlight=False)
    console.print(table(rows[1:]))
    console.print(f"Medians of {submissions} submissions, one at a time. CPU time of {source}.")
    return 0


def table(rows: Sequence[Figures]) -> Table:
    """Return a table with the medians of each step, and of whole submissions."""
    result = Table("", box=None, pad_edge=False)
    for head in ("s", "CPU s"):
        result.add_column(head, justify="right")
    for step in rows[0]:
        result.add_row(step, *_medians([row[step] for row in rows]))
    whole = [tuple(map(sum, zip(*row.values(), strict=True))) for row in rows]
    result.add_row("a submission", *_medians([(seconds, cpu) for seconds, cpu in whole]))
    return result


def _medians(figures: Sequence[tuple[float, float]]) -> list[str]:
    return [f"{median(values):.2f}" for values in zip(*figures, strict=True)]


def cpu_clock(groups: Path = _CGROUPS, process: Path = Path("/proc/self/cgroup")) -> tuple[Callable[[], float], str]:
    """Return a function that reads CPU seconds, and whose they are."""
    for line in process.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if path == "/" or controllers not in ("", "cpuacct", "cpu,cpuacct"):
            continue
        # Version 2 has a line "usage_usec 12345" first, version 1 a file of nanoseconds.
        name, unit = ("cpu.stat", 1e6) if not controllers else ("cpuacct.usage", 1e9)
        file = groups / controllers / path.lstrip("/") / name
        if file.is_file():
            return partial(_read_usage, file, unit), "the control group"
    return cpu_seconds, "the whole computer"


def _read_usage(file: Path, unit: float) -> float:
    first, *others = file.read_text().split()
    return int(others[0] if others else first) / unit


if __name__ == "__main__":
    # Child processes import the main module by these, and with it nbgrader; those of `autograder grade` don't.
    program = sys.modules["__main__"]
    program.__spec__ = program.__file__ = None
    sys.exit(main())
