"""From bytes to a verdict; test submissions are graded in test_submissions_graded."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Self, cast

import pytest
import requests
from docker import DockerClient

from autograder.execution import kernel_container
from autograder.execution.kernel_container import Limits, RunResult
from autograder.grade import grade_one
from autograder.sandbox.machine_sandbox import MachineSandbox
from autograder.submission import Submission
from tests.autograder.conftest import load_assignment, notebook_of
from tests.autograder.sandboxes import BootFails, Followed
from tests.tiers import by_day

SERVICE = load_assignment()


def submission(*sources: str) -> Submission:
    """Return a student's submission."""
    return Submission("ada", "service", notebook_of(*sources))


def test_a_machine_that_does_not_boot_is_not_the_students_fault() -> None:
    """The state reports it, and the diagnostics are for the grader."""
    verdict = grade_one(submission("1"), BootFails(), SERVICE)
    assert (verdict.state, verdict.score, verdict.max) == ("infra-error", 0, 10)
    assert "no memory left" in verdict.diagnostics
    assert "no memory left" not in verdict.note


def test_what_is_no_notebook_needs_no_machine() -> None:
    """It is worth nothing, and says why."""
    verdict = grade_one(Submission("ada", "service", b"no notebook"), BootFails(), SERVICE)
    assert (verdict.state, verdict.score) == ("unreadable", 0)
    assert "not JSON" in verdict.note


class DaemonEnds(BootFails):
    """A sandbox whose daemon answers until the notebook has run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = True

    def __enter__(self) -> Self:
        return self

    @property
    def isolation(self) -> tuple[str, ...]:
        """It has none."""
        return ()

    def was_killed(self) -> bool:
        """Nobody on this computer did it."""
        return False

    def client(self) -> DockerClient:
        """The part of a client that is used before the notebook runs, and to find out whether the daemon answers."""
        return cast(DockerClient, SimpleNamespace(ping=self._ping, close=list, api=SimpleNamespace(images=list)))

    def _ping(self) -> bool:
        if not self.runs:
            raise requests.ConnectionError
        return True


@pytest.mark.parametrize("error", [requests.exceptions.ChunkedEncodingError, requests.ConnectionError])
@pytest.mark.parametrize(("runs", "state"), [(False, "crashed"), (True, "infra-error")])
def test_a_notebook_that_ends_its_daemon_has_crashed(
    error: type[Exception], runs: bool, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a request or a stream was interrupted; if the daemon still answers, the error is the grader's."""
    sandbox = DaemonEnds()

    def interrupted(*_: Any) -> RunResult:
        sandbox.runs = runs
        raise error("interrupted")

    monkeypatch.setattr(kernel_container, "run", interrupted)
    assert grade_one(submission("1"), sandbox, SERVICE).state == state


def test_a_daemon_that_redirects_has_crashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a daemon that the notebook has changed does, so the grader is not at fault although it still answers."""

    def redirected(*_: Any) -> RunResult:
        raise requests.TooManyRedirects("Docker answered with a redirect")

    monkeypatch.setattr(kernel_container, "run", redirected)
    verdict = grade_one(submission("1"), DaemonEnds(), replace(SERVICE, checks=[]))
    assert (verdict.state, verdict.score) == ("crashed", 0)


STOPS = (
    "import docker; docker.from_env().containers.run('drydock/busybox:1.37', 'killall dockerd containerd', "
    "pid_mode='host', privileged=True)"
)
#: What a notebook does, the state that comes of it, and the seconds it is given.
ENDS = {
    "its kernel exits": ("import os; os._exit(1)", "crashed", 120),
    "it never ends": ("while True: pass", "timed-out", 15),
    "it tries to stop the daemon, which is refused": (STOPS, "graded", 120),
}


@pytest.mark.live
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", by_day(ENDS, ["it never ends"]))
def test_however_a_notebook_ends_there_is_a_verdict(how: str) -> None:
    """Without a service there are no points, none of it is called the grader's fault, and the next machine boots."""
    cell, state, seconds = ENDS[how]
    sandbox = Followed()
    verdict = grade_one(submission(cell), sandbox, replace(SERVICE, limits=Limits(total_seconds=seconds)))
    assert (verdict.state, verdict.score, sandbox.requested) == (state, 0, 1)


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.timeout(300)
def test_without_a_daemon_there_is_a_verdict_with_its_isolation() -> None:
    """Without the proxy the daemon can be stopped: no points, and the verdict names the layers."""
    limited = replace(SERVICE, limits=Limits(total_seconds=120))
    verdict = grade_one(submission(STOPS), MachineSandbox(isolated=False), limited)
    assert (verdict.state, verdict.score, verdict.isolation) == ("crashed", 0, ("machine",))
    assert "Docker no longer answered" in verdict.note


PASSES = """
from autograder.checks.api import check
from autograder.checks.assignment import Assignment


@check(points=10)
def running(context):
    \"\"\"Whatever it is.\"\"\"


assignment = Assignment([running])
"""


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_checks_that_were_submitted_change_nothing() -> None:
    """A submission that brings a checks.py which passes everything is graded by the course's, and loses its own."""
    cells = ["import os; print(sorted(os.listdir()))", 'from autograder import check; check("service.running")']
    forged = {"checks.py": PASSES.encode(), "page.html": b"hi"}
    work = Submission("eve", "service", notebook_of(*cells), forged)
    verdict = grade_one(work, MachineSandbox(), SERVICE)
    assert (verdict.state, verdict.score, verdict.max) == ("graded", 0, 10)
    assert [result.id for result in verdict.checks] == [check.id for check in SERVICE.checks]
    assert "'page.html', 'service.ipynb'" in verdict.notebook
    assert "checks.py" not in verdict.notebook.replace('"import os', "")
