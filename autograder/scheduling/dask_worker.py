"""What runs in a worker of a cluster: text in, text out, no file shared with anybody.

The assignment comes with the task, so a worker needs no copy of the course. A cluster's worker is a process that may
run several threads. Each grades one submission at a time, in a process of its own that is killed at its deadline. When
the cluster's worker ends, however it ends, these processes end with it, and so do their machines.
"""

from __future__ import annotations

import json
import threading
from functools import lru_cache

from autograder.checks.assignment import Assignment, from_files
from autograder.errors import OtherVersion, WorkerLost, WorkerStuck
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.code_version import code_key
from autograder.scheduling.executor import without_verdict
from autograder.scheduling.process_pool import Worker, deadline
from autograder.submission import Submission, files_from_json, files_to_json
from drydock.machine.isolation import backends
from drydock.machine.store.gc import remove_leftovers


class _Processes:
    """The processes that grade, each by one configuration; an idle one takes the next submission."""

    def __init__(self) -> None:
        self._idle: list[tuple[GradingConfig, Worker]] = []
        self._runs = 0
        self._change = threading.Lock()

    def take(self, config: GradingConfig) -> tuple[Worker, int]:
        """Return a process without work, an idle one or else a new one, and the number of the present run."""
        with self._change:
            for place, (known, _) in enumerate(self._idle):
                if known == config:
                    return self._idle.pop(place)[1], self._runs
        remove_leftovers()
        return Worker(config), self._runs

    def put_back(self, config: GradingConfig, worker: Worker, run: int) -> None:
        """Keep a process that has finished its work, unless its run is over: then end it."""
        with self._change:
            wanted = run == self._runs
            if wanted:
                self._idle.append((config, worker))
        if not wanted:
            _end([worker])

    def end_run(self) -> None:
        """End the idle processes; a process with work ends when it has finished."""
        with self._change:
            workers = [worker for _, worker in self._idle]
            self._idle.clear()
            self._runs += 1
        _end(workers)


_processes = _Processes()


def task(config: GradingConfig, assignment: Assignment) -> str:
    """Return as text what a worker needs to grade submissions of an assignment."""
    files = files_to_json(assignment.files)
    return json.dumps({"config": config.to_json(), "assignment": assignment.name, "files": files})


def grade_there(submission: str, task: str, wanted: str, ahead: bool) -> str:
    """Return a submission's verdict; submission and verdict are JSON.

    A worker that came late may have other code than the rest: it refuses when its own is not ``wanted``.
    """
    if code(task) != wanted:
        raise RuntimeError(str(OtherVersion()))  # an exception of ours would not survive the way back
    config, assignment = _read(task)
    work = Submission.from_json(json.loads(submission))
    worker, run = _processes.take(config)
    try:
        verdict = worker.grade(work, ahead, deadline(config, assignment), assignment)
    except (WorkerLost, WorkerStuck) as error:
        verdict = without_verdict(work, assignment, error)
    else:
        _processes.put_back(config, worker, run)
    return json.dumps(verdict.to_json())


def cool() -> None:
    """End what was started ahead and is not wanted any more, and remove what a killed process left.

    What is in use goes on.
    """
    _processes.end_run()
    remove_leftovers()


@lru_cache(maxsize=8)
def code(task: str) -> str:
    """Return the hash of the code that would grade here; see :func:`autograder.scheduling.code_version.code_key`."""
    config, assignment = _read(task)
    return code_key(assignment, config)


def obstacle(task: str) -> tuple[str, str] | None:
    """Return why submissions can't be isolated here and what would help, unless isolation was waived."""
    waived = not _read(task)[0].settings.get("isolated", True)
    return None if waived else backends.unavailable_reason()


@lru_cache(maxsize=8)
def _read(task: str) -> tuple[GradingConfig, Assignment]:
    data = json.loads(task)
    config = GradingConfig.from_json(data["config"])
    return config, config.limited(from_files(data["assignment"], files_from_json(data["files"])))


def _end(workers: list[Worker]) -> None:
    for worker in workers:
        worker.dismiss()
    for worker in workers:
        worker.wait()
