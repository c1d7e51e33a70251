"""What runs in a worker of a cluster; how a cluster uses it is in test_dask_executor."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import dask_worker
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission
from autograder.verdict import Verdict
from tests.autograder import sandboxes
from tests.autograder.conftest import ROOT, load_assignment, notebook_of

CONFIG = GradingConfig(f"{sandboxes.HERE}.BootFails")
TASK = dask_worker.task(CONFIG, load_assignment())


@pytest.fixture(autouse=True)
def _ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process waits from one test to the next; each finds the sandboxes of the tests."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield
    dask_worker.cool()


Children = Callable[[], set[int]]


@pytest.fixture
def own_children() -> Children:
    """The processes that the test's process has started since."""

    def children() -> set[int]:
        return {int(pid) for pid in Path("/proc/thread-self/children").read_text().split()}

    before = children()
    return lambda: children() - before


def sent(notebook: bytes) -> str:
    """A submission, as it travels."""
    return json.dumps(Submission("ada", "service", notebook).to_json())


@pytest.mark.parametrize(("notebook", "state"), [(b"no notebook", "unreadable"), (notebook_of("1"), "infra-error")])
def test_text_comes_in_and_text_goes_out(notebook: bytes, state: str) -> None:
    """A verdict, whatever it says."""
    answer = dask_worker.grade_there(sent(notebook), TASK, code_key(load_assignment(), CONFIG), ahead=False)
    assert Verdict.from_json(json.loads(answer)).state == state


def test_it_does_not_grade_by_other_code() -> None:
    """The reason survives the way back, since it is a plain one."""
    with pytest.raises(RuntimeError, match="another version"):
        dask_worker.grade_there(sent(b"no notebook"), TASK, "another", ahead=False)


def test_a_worker_that_cannot_isolate_says_so_unless_it_was_waived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker knows what its own computer can do."""
    why = ("no bubblewrap", "install it")
    monkeypatch.setattr("drydock.machine.isolation.backends.unavailable_reason", lambda: why)
    assert dask_worker.obstacle(dask_worker.task(GradingConfig(), load_assignment())) == why
    waived = GradingConfig(settings={"isolated": False})
    assert dask_worker.obstacle(dask_worker.task(waived, load_assignment())) is None


def test_the_task_is_enough_to_grade_by() -> None:
    """The assignment travels in it: where the coordinator's folder is, there is nothing here."""
    elsewhere = dask_worker.task(replace(CONFIG, assignments="/nowhere"), load_assignment("production"))
    code = code_key(load_assignment("production"), CONFIG)
    work = json.dumps(Submission("ada", "production", b"no notebook").to_json())
    verdict = Verdict.from_json(json.loads(dask_worker.grade_there(work, elsewhere, code, ahead=False)))
    assert [result.id for result in verdict.checks] == [check.id for check in load_assignment("production").checks]


def graded(config: GradingConfig, notebook: bytes) -> Verdict:
    """The verdict that comes back from a worker."""
    task = dask_worker.task(config, load_assignment())
    answer = dask_worker.grade_there(sent(notebook), task, code_key(load_assignment(), config), ahead=False)
    return Verdict.from_json(json.loads(answer))


@pytest.mark.slow
def test_a_submission_that_hangs_ends_at_its_deadline() -> None:
    """Its process is killed, the reason comes back without a second try, and the next one is graded."""
    config = GradingConfig(f"{sandboxes.HERE}.Stuck", seconds=15)
    began = time.monotonic()
    stuck = graded(config, notebook_of("1"))
    assert time.monotonic() - began < 60
    assert (stuck.state, stuck.try_again) == ("infra-error", False)
    assert "took longer than 15 s and was stopped" in stuck.diagnostics
    assert graded(config, b"no notebook").state == "unreadable"


def test_a_process_that_is_killed_is_a_lost_worker(tmp_path: Path) -> None:
    """The coordinator may try once more."""
    lost = graded(
        GradingConfig(f"{sandboxes.HERE}.Killer", {"file": str(tmp_path / "kills"), "times": 1}), notebook_of("1")
    )
    assert (lost.state, lost.try_again) == ("infra-error", True)
    assert "killed by signal 9" in lost.diagnostics


def test_processes_end_when_the_class_is_done(own_children: Children) -> None:
    """Until then the same one grades; afterwards a new one can be started."""
    for _ in range(2):
        dask_worker.grade_there(sent(b""), TASK, code_key(load_assignment(), CONFIG), ahead=True)
    assert len(own_children()) == 1
    dask_worker.cool()
    dask_worker.cool()
    assert own_children() == set()
    assert dask_worker.grade_there(sent(b""), TASK, code_key(load_assignment(), CONFIG), ahead=False)
