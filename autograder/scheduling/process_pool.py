"""Processes of this computer that grade, each for one submission at a time and for many in its life.

Never threads around the grading itself: a thread here only waits for its worker's answer. Each worker is
independent, so that one that is killed stops no other; another takes its place.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from autograder.checks.assignment import Assignment
from autograder.errors import WorkerLost, WorkerStuck
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission, files_to_json
from autograder.verdict import Verdict
from drydock.machine.store.gc import remove_leftovers

#: How long a worker may take to end its warm machine, in seconds, and how much of its log is shown.
_END_SECONDS, _LOG_LIMIT = 60, 4000
#: How long a machine may take to boot on a busy computer, in seconds.
_BOOT_SECONDS = 200


class ProcessPool:
    """``size`` workers. Left by an exception, they end at once; else when they have tidied up.

    A worker that takes longer than the :func:`deadline` is ended and replaced.
    """

    in_background = True

    def __init__(self, size: int, config: GradingConfig | None = None) -> None:
        self.config = config or GradingConfig()
        self._size = size
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="worker")
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._all: list[Worker] = []
        self._assignments: dict[str, Assignment] = {}
        self._started, self._open = False, True
        self._change = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._change:
            self._open = False
        for worker in self._all:
            worker.dismiss() if kind is None else worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.wait()
        if self._started:
            remove_leftovers()

    def size(self) -> int:
        """As many as there are processes."""
        return self._size

    def pids(self) -> list[int]:
        """The processes' numbers."""
        return [worker.pid for worker in self._all]

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Have the next free worker grade it; the first call starts them, since all verdicts may be known."""
        if not self._started:
            self._started = True
            remove_leftovers()
            for _ in range(self._size):
                self._start_worker()
        return self._threads.submit(self._grade, submission, ahead)

    def _grade(self, submission: Submission, ahead: bool) -> Verdict:
        assignment = self._assignment(submission.assignment)
        worker = self._idle.get()
        try:
            verdict = worker.grade(submission, ahead, deadline(self.config, assignment), assignment)
        except (WorkerLost, WorkerStuck):
            self._start_worker(instead_of=worker)
            raise
        self._idle.put(worker)
        return verdict

    def _assignment(self, name: str) -> Assignment:
        """Return an assignment as it was at its first submission: checks that change meanwhile are for the next run."""
        with self._change:
            if name not in self._assignments:
                self._assignments[name] = self.config.assignment(name)
            return self._assignments[name]

    def _start_worker(self, instead_of: Worker | None = None) -> None:
        with self._change:
            if not self._open:
                return
            if instead_of is not None:
                self._all.remove(instead_of)
            worker = Worker(self.config)
            self._all.append(worker)
            self._idle.put(worker)


class Worker:
    """One process, seen from outside; :mod:`autograder.scheduling.worker` is what it does."""

    def __init__(self, config: GradingConfig) -> None:
        self._log = os.memfd_create("worker.log")
        self._process = subprocess.Popen(
            # -P: a file that happens to lie in the present folder must not be taken for a module.
            [sys.executable, "-P", "-m", "autograder.scheduling.worker", json.dumps(config.to_json())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the coordinator, who then ends it
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def grade(
        self, submission: Submission, ahead: bool, seconds: float, assignment: Assignment | None = None
    ) -> Verdict:
        """Return the verdict; an ``assignment`` that is given travels along, so its folder need not be here.

        Raises :class:`~autograder.errors.WorkerStuck` after so many seconds, when the process is ended, and
        :class:`~autograder.errors.WorkerLost` when it ended by itself.
        """
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        files = files_to_json(assignment.files) if assignment else None
        try:
            self._send({"submission": submission.to_json(), "ahead": ahead, "files": files})
            assert self._process.stdout is not None
            return Verdict.from_json(json.loads(self._process.stdout.readline()))
        except (OSError, ValueError, KeyError, TypeError):  # it takes nothing any more, or half an answer came
            self.kill()
            end = self.wait()
            error = WorkerStuck(submission.student, seconds) if late.is_set() else WorkerLost(submission.student, end)
            raise error from None
        finally:
            timer.cancel()

    def dismiss(self) -> None:
        """Send it the end of the work; it stops its booted machine and then ends."""
        with suppress(OSError, ValueError):  # it was killed while it was idle
            self._send(None)

    def kill(self) -> None:
        """End it at once; its machines see its end and end too."""
        self._process.kill()

    def wait(self) -> str:
        """Wait until it has ended; return how, with its last output."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        for line in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what is left to send can't be
                line.close() if line else None
        return "\n".join(filter(None, [_how(code), self._last_words()]))

    def _send(self, request: dict[str, Any] | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def _last_words(self) -> str:
        """The end of what it printed to standard error; asked for once."""
        if self._log < 0:
            return ""
        size = os.fstat(self._log).st_size
        text = os.pread(self._log, _LOG_LIMIT, max(0, size - _LOG_LIMIT)).decode(errors="replace")
        os.close(self._log)
        self._log = -1
        return text.strip()


def deadline(config: GradingConfig, assignment: Assignment) -> float:
    """Return how many seconds grading one submission may take: booting, the notebook, and a minute for each check.

    It is several times what the slowest honest work took; every step has a limit of its own that ends it earlier.
    """
    steps = _BOOT_SECONDS * (assignment.machines + 1) + assignment.limits.total_seconds + 60 * len(assignment.checks)
    return config.seconds or steps


def _how(code: int) -> str:
    return f"it was killed by signal {-code}" if code < 0 else f"it ended with exit code {code}"
