"""From bytes to a verdict; the stories are in test_cli."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import pytest
from docker import DockerClient

from autograder.grade import Submission, grade, grade_one
from autograder.kernel import Limits
from autograder.sandbox import MachineSandbox
from tests.autograder.conftest import notebook_of


class NoGround:
    """A sandbox that can't be entered."""

    def __enter__(self) -> Self:
        raise OSError("no memory left for a machine")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to leave."""

    def client(self) -> DockerClient:
        """Never asked for."""
        raise NotImplementedError

    def reach(self, port: int, protocol: str) -> tuple[str, int]:
        """Never asked for."""
        raise NotImplementedError


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


def test_a_bad_machine_gets_two_more_tries() -> None:
    """One bad machine must not cost a mark; three mean that something is wrong here."""
    tries = []

    def sandbox() -> NoGround:
        tries.append(1)
        return NoGround()

    [verdict] = grade([submission("1")], sandbox)
    assert (verdict.state, len(tries)) == ("infra-error", 3)


def test_verdicts_come_one_by_one() -> None:
    """Each student's own, in order."""
    students = [Submission(name, "service", b"") for name in ("ada", "grace")]
    assert [verdict.student for verdict in grade(students, NoGround)] == ["ada", "grace"]


#: What a notebook does, and the state that comes of it.
ENDS = {
    "its kernel exits": ("import os; os._exit(1)", "crashed"),
    "it never ends": ("while True: pass", "timed-out"),
    "it stops the daemon": (
        "import docker; docker.from_env().containers.run('drydock/busybox:1.37', 'killall dockerd containerd', "
        "pid_mode='host', privileged=True)",
        "crashed",
    ),
}


@pytest.mark.live
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ENDS)
def test_however_a_notebook_ends_there_is_a_verdict(how: str) -> None:
    """Without a service there are no points, and none of it is called the grader's fault."""
    cell, state = ENDS[how]
    verdict = grade_one(submission(cell), MachineSandbox(), Limits(total_seconds=15))
    assert (verdict.state, verdict.score) == (state, 0)
