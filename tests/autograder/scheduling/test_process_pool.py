"""Processes that grade, and what happens when they are killed."""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.checks.assignment import load
from autograder.errors import WorkerLost
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool, deadline
from autograder.submission import Submission
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from tests.autograder import sandboxes
from tests.autograder.conftest import ROOT, load_assignment, notebook_named, notebook_of
from tests.fixtures.notebooks import assignments

UNREADABLE = Submission("ada", "service", b"no notebook")
READABLE = Submission("ada", "service", notebook_of("1"))


@pytest.fixture(autouse=True)
def _tests_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker finds the sandboxes of the tests."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def config(name: str, **settings: object) -> GradingConfig:
    """A configuration with one of the tests' sandboxes."""
    return GradingConfig(f"{sandboxes.HERE}.{name}", settings)


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


def test_each_of_a_class_gets_its_verdict(tmp_path: Path) -> None:
    """By two processes, which end when they are no longer needed."""
    students = [Submission(f"student-{number}", "service", b"no notebook") for number in range(12)]
    with ProcessPool(2, config("BootFails")) as workers:
        verdicts = list(grade(students, workers))
        pids = workers.pids()
    assert sorted(verdict.student for verdict in verdicts) == sorted(submission.student for submission in students)
    assert {verdict.state for verdict in verdicts} == {"unreadable"}
    assert len(pids) == 2
    assert not any(map(is_alive, pids))


def test_checks_that_change_while_a_class_is_graded_are_for_the_next_run(tmp_path: Path) -> None:
    """All submissions of a run are graded by the same checks, since their verdicts are kept for these."""
    folder = Path(shutil.copytree(ROOT / "assignments" / "service", tmp_path / "service"))
    changed = (folder / "checks.py").read_text().replace("published, answers, ", "")
    with ProcessPool(1, replace(config("BootFails"), assignments=str(tmp_path))) as workers:
        [before] = grade([UNREADABLE], workers)
        (folder / "checks.py").write_text(changed)
        [after] = grade([UNREADABLE], workers)
    assert [check.id for check in after.checks] == [check.id for check in before.checks]
    assert len(load(folder).checks) == len(before.checks) - 2


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", ["Stuck", "Dripping"])
def test_a_worker_stuck_in_one_submission_costs_only_its_deadline(sandbox: str) -> None:
    """It is ended, that student is named without a second try, and the next submission is graded by another worker."""
    with ProcessPool(1, replace(config(sandbox), seconds=20)) as workers:
        began = time.monotonic()
        stuck, read = grade([READABLE, replace(UNREADABLE, student="bob")], workers)
        assert time.monotonic() - began < 90
    assert (stuck.student, stuck.state, stuck.try_again) == ("ada", "infra-error", False)
    assert "took longer than 20 s and was stopped" in stuck.diagnostics
    assert (read.student, read.state) == ("bob", "unreadable")


@pytest.mark.parametrize("name", assignments())
def test_a_deadline_is_longer_than_the_notebook_may_take(name: str) -> None:
    """An honest submission ends by the limits of its steps."""
    assignment = load_assignment(name)
    assert deadline(GradingConfig(), assignment) > assignment.limits.total_seconds + 120
    assert deadline(GradingConfig(seconds=5), assignment) == 5


def test_no_process_is_started_for_nothing() -> None:
    """When every verdict is known, no process is started."""
    with ProcessPool(2) as workers:
        assert workers.pids() == []


def test_one_that_was_killed_is_told_of_and_replaced(tmp_path: Path) -> None:
    """The caller learns how it ended; the next submission goes to another process."""
    with ProcessPool(1, config("Killer", file=str(tmp_path / "kills"), times=1)) as workers:
        lost = workers.start(READABLE, ahead=False)
        with pytest.raises(WorkerLost, match="killed by signal 9"):
            lost.result(timeout=60)
        assert workers.start(UNREADABLE, ahead=False).result(timeout=60).state == "unreadable"


def test_one_that_was_killed_while_idle_is_replaced() -> None:
    """Nothing is lost by it but a try."""
    with ProcessPool(1, config("BootFails")) as workers:
        workers.start(UNREADABLE, ahead=False).result(timeout=60)
        os.kill(workers.pids()[0], signal.SIGKILL)
        [verdict] = grade([UNREADABLE], workers)
    assert verdict.state == "unreadable"


def test_killed_three_times_it_is_the_graders_fault(tmp_path: Path) -> None:
    """Three processes were lost, the diagnostics say how, and no score changes."""
    file = tmp_path / "kills"
    with ProcessPool(1, config("Killer", file=str(file), times=9)) as workers:
        [verdict] = grade([READABLE], workers)
    assert (verdict.state, sandboxes.noted(str(file))) == ("infra-error", 3)
    assert "killed by signal 9" in verdict.diagnostics


def test_an_exception_ends_them_at_once(tmp_path: Path) -> None:
    """Ctrl-C does not wait for what is being graded."""
    file = tmp_path / "entered"

    def interrupted() -> None:
        with ProcessPool(2, config("Sleeper", file=str(file))) as workers:
            for _ in range(2):
                workers.start(READABLE, ahead=False)
            wait_for(lambda: sandboxes.noted(str(file)) == 2, "both to be at work", seconds=60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not any(is_alive(int(pid)) for pid in file.read_text().split())


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_the_work_of_a_killed_process_is_graded_by_another(tmp_path: Path, own_machines: None) -> None:
    """Each is graded once, with the right score; and the machine of the killed worker ends with it."""
    work = Submission("ada", "service", notebook_named("perfect"))
    turns: list[int] = []
    with ProcessPool(1, config("KilledOnce", file=str(tmp_path / "killed"))) as workers:
        [verdict] = grade([work], workers, started=lambda _, attempt: turns.append(attempt))
    assert (verdict.state, verdict.score, turns) == ("graded", 10, [1, 2])
    wait_for(lambda: not any(machine.is_running() for machine in Machine.all()), "the machines' end", seconds=60)
