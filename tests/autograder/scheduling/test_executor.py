"""A class, handed to an executor."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from autograder.errors import NoCluster
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import LocalExecutor, grade
from autograder.submission import Submission
from autograder.verdict import Verdict
from tests.autograder import sandboxes
from tests.autograder.conftest import notebook_of

BOOT_FAILS = GradingConfig(f"{sandboxes.HERE}.BootFails")


def test_verdicts_come_one_by_one() -> None:
    """Each student's own, in order where one after the other is graded."""
    students = [Submission(name, "service", b"") for name in ("ada", "grace")]
    assert [verdict.student for verdict in grade(students, LocalExecutor(BOOT_FAILS))] == ["ada", "grace"]


def test_a_bad_machine_gets_two_more_tries(tmp_path: Path) -> None:
    """One bad machine costs no points; three mean that something is wrong here."""
    file = str(tmp_path / "tries")
    executor = LocalExecutor(GradingConfig(f"{sandboxes.HERE}.BootFails", {"file": file}))
    turns: list[int] = []
    work = Submission("ada", "service", notebook_of("1"))
    [verdict] = grade([work], executor, started=lambda _, attempt: turns.append(attempt))
    assert (verdict.state, sandboxes.noted(file), turns) == ("infra-error", 3, [1, 2, 3])


def test_trouble_with_one_does_not_keep_the_others_waiting() -> None:
    """Each is graded, whatever came of the one before."""
    students = [Submission("eve", "service", notebook_of("1")), Submission("ada", "service", b"")]
    states = {verdict.student: verdict.state for verdict in grade(students, LocalExecutor(BOOT_FAILS))}
    assert states == {"eve": "infra-error", "ada": "unreadable"}


def test_an_empty_class_has_no_verdicts() -> None:
    """And nobody waits for any."""
    assert list(grade([], LocalExecutor(BOOT_FAILS))) == []


class Workers(LocalExecutor):
    """So many workers, of which each has its verdict at once; what they do is noted."""

    def __init__(self, size: int, *, in_background: bool = True) -> None:
        super().__init__()
        self._size = size
        self.in_background = in_background
        self.started: list[tuple[str, bool]] = []

    def size(self) -> int:
        """Return their number."""
        return self._size

    def start(self, submission: Submission, *, ahead: bool) -> Future[Verdict]:
        """Note the submission, and whether a machine is to boot ahead."""
        self.started.append((submission.student, ahead))
        future: Future[Verdict] = Future()
        future.set_result(Verdict(submission.student, submission.assignment, "graded", (), 0))
        return future


def works(names: str) -> list[Submission]:
    """A submission for each letter."""
    return [Submission(name, "service", b"") for name in names]


def test_a_verdict_outlives_the_cluster() -> None:
    """It went away when the next submission was to start: the caller first gets what is known, then the error."""

    class Leaving(Workers):
        def size(self) -> int:
            if self.started:
                raise NoCluster("tls://teacher:8786", "it went away")
            return 1

    verdicts = grade(works("ab"), Leaving(1))
    assert next(verdicts).student == "a"
    with pytest.raises(NoCluster):
        next(verdicts)


@pytest.mark.parametrize("in_background", [True, False])
def test_a_worker_goes_on_while_its_verdict_is_recorded(in_background: bool) -> None:
    """The next submission is started before the caller gets the verdict, unless the same process grades."""
    executor = Workers(1, in_background=in_background)
    for number, verdict in enumerate(grade(works("abc"), executor)):
        assert verdict.student == "abc"[number]
        expected = "abc"[: number + 2] if in_background else "abc"[: number + 1]
        assert [name for name, _ in executor.started] == list(expected)


@pytest.mark.parametrize(("size", "with_one_ahead"), [(1, "abcd"), (2, "abc"), (4, "a"), (5, "")])
def test_no_more_machines_boot_ahead_than_are_used(size: int, with_one_ahead: str) -> None:
    """Five submissions: each worker's first machine boots on demand, every other one ahead."""
    executor = Workers(size)
    assert len(list(grade(works("abcde"), executor))) == 5
    assert [name for name, ahead in executor.started if ahead] == list(with_one_ahead)
