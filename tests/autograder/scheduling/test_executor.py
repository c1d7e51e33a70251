"""A class, handed to a executor."""

from __future__ import annotations

from pathlib import Path

from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import LocalExecutor, grade
from autograder.submission import Submission
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
