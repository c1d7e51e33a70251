"""What runs in a worker of a cluster; how a cluster uses it is in test_cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import dask_worker
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission
from autograder.verdict import Verdict
from drydock.core.progress import console
from tests.autograder import sandboxes
from tests.autograder.conftest import load_assignment, notebook_of

CONFIG = GradingConfig(f"{sandboxes.HERE}.BootFails")
TASK = dask_worker.task(CONFIG, load_assignment())


@pytest.fixture(autouse=True)
def _cooled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing stays warm from one test to the next, or silent."""
    monkeypatch.setattr(console(), "quiet", False)
    yield
    dask_worker.cool()


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


def test_what_was_booted_ahead_is_ended_when_the_class_is_done() -> None:
    """Once; and a cold worker can be used again."""
    dask_worker.grade_there(sent(notebook_of("1")), TASK, code_key(load_assignment(), CONFIG), ahead=True)
    dask_worker.cool()
    dask_worker.cool()
    assert dask_worker.grade_there(sent(b""), TASK, code_key(load_assignment(), CONFIG), ahead=False)
