"""From bytes to a verdict; the stories are in test_cli."""

from __future__ import annotations

import pytest

from autograder.execution.kernel_container import Limits
from autograder.grade import grade_one
from autograder.sandbox.machine_sandbox import MachineSandbox
from autograder.submission import Submission
from tests.autograder.conftest import notebook_of
from tests.autograder.sandboxes import NoGround


def submission(*sources: str) -> Submission:
    """What a student handed in."""
    return Submission("ada", "service", notebook_of(*sources))


def test_a_machine_that_does_not_boot_is_not_the_students_fault() -> None:
    """The state says so, and the diagnostics are for the grader."""
    verdict = grade_one(submission("1"), NoGround())
    assert (verdict.state, verdict.score, verdict.max) == ("infra-error", 0, 10)
    assert "no memory left" in verdict.diagnostics
    assert "no memory left" not in verdict.note


def test_what_is_no_notebook_needs_no_machine() -> None:
    """It is worth nothing, and says why."""
    verdict = grade_one(Submission("ada", "service", b"no notebook"), NoGround())
    assert (verdict.state, verdict.score) == ("unreadable", 0)
    assert "not JSON" in verdict.note


STOPS = (
    "import docker; docker.from_env().containers.run('drydock/busybox:1.37', 'killall dockerd containerd', "
    "pid_mode='host', privileged=True)"
)
#: What a notebook does, and the state that comes of it.
ENDS = {
    "its kernel exits": ("import os; os._exit(1)", "crashed"),
    "it never ends": ("while True: pass", "timed-out"),
    "it tries to stop the daemon, which the guard refuses": (STOPS, "graded"),
}


@pytest.mark.live
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ENDS)
def test_however_a_notebook_ends_there_is_a_verdict(how: str) -> None:
    """Without a service there are no points, and none of it is called the grader's fault."""
    cell, state = ENDS[how]
    verdict = grade_one(submission(cell), MachineSandbox(), Limits(total_seconds=15))
    assert (verdict.state, verdict.score) == (state, 0)


@pytest.mark.live
@pytest.mark.timeout(300)
def test_without_a_daemon_there_is_a_verdict_with_its_walls() -> None:
    """Where no guard stands, the daemon can be stopped; nothing is worth a point then, and what stood is told."""
    verdict = grade_one(submission(STOPS), MachineSandbox(walls=False), Limits(total_seconds=60))
    assert (verdict.state, verdict.score, verdict.walls) == ("crashed", 0, ("machine",))
    assert "Docker no longer answered" in verdict.note
