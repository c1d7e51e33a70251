"""What runs in a worker of a cluster; how a cluster uses it is in test_cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import dask_worker
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission
from autograder.verdict import Verdict
from drydock.core.progress import console
from tests.autograder import sandboxes
from tests.autograder.conftest import notebook_of

TERMS = GradingConfig(f"{sandboxes.HERE}.BootFails")
TOLD = json.dumps(TERMS.to_json())


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
    answer = dask_worker.grade_there(sent(notebook), TOLD, code_key("service", TERMS), ahead=False)
    assert Verdict.from_json(json.loads(answer)).state == state


def test_it_does_not_grade_by_other_code() -> None:
    """The reason survives the way back, since it is a plain one."""
    with pytest.raises(RuntimeError, match="another version"):
        dask_worker.grade_there(sent(b"no notebook"), TOLD, "another", ahead=False)


def test_a_wall_that_cannot_stand_is_told_unless_it_was_waived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker stands on its own context."""
    monkeypatch.setattr("drydock.machine.isolation.backends.unavailable_reason", lambda: ("no bubblewrap", "install it"))
    assert dask_worker.obstacle(json.dumps(GradingConfig().to_json())) == ("no bubblewrap", "install it")
    assert dask_worker.obstacle(json.dumps(GradingConfig(settings={"walls": False}).to_json())) is None


def test_what_was_booted_ahead_is_ended_when_the_class_is_done() -> None:
    """Once; and a cold worker can be used again."""
    dask_worker.grade_there(sent(notebook_of("1")), TOLD, code_key("service", TERMS), ahead=True)
    dask_worker.cool()
    dask_worker.cool()
    assert dask_worker.grade_there(sent(b""), TOLD, code_key("service", TERMS), ahead=False)
