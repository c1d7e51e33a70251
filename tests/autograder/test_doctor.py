"""How submissions can be isolated here, and that nothing is graded without it unless an option allows that."""

from __future__ import annotations

import json

import pytest

from autograder import cli, doctor
from autograder.gradebook.course import Course
from autograder.sandbox.grading_config import GradingConfig
from drydock.machine.isolation import backends
from tests.autograder.conftest import submit_notebook

WHY = ("bubblewrap is not installed", "apt-get install -y bubblewrap")


@pytest.mark.isolation
def test_all_layers_are_here(capsys: pytest.CaptureFixture[str]) -> None:
    """The table shows it for each layer, and the JSON is nothing but JSON."""
    assert cli.main(["doctor"]) == 0
    output = capsys.readouterr().out
    assert all(layer in output for layer in ("bubblewrap", "container", "machine", "proxy"))
    assert " no " not in output.replace("no file", "")
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["isolation"] == [backends.choose().NAME, "machine", "proxy"]


@pytest.mark.host
@pytest.mark.isolation("container")
def test_the_backend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outermost layer has the name of its backend."""
    monkeypatch.setenv(backends.VARIABLE, "container")
    assert doctor.look() == {"ok": True, "isolation": ["container", "machine", "proxy"], "why": "", "next": ""}


def test_where_they_cannot_be_isolated(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The doctor prints what would help, and its exit code reports the problem to a script."""
    monkeypatch.setattr(backends, "unavailable_reason", lambda: WHY)
    assert cli.main(["doctor"]) == 1
    assert "apt-get install -y bubblewrap" in capsys.readouterr().out
    assert doctor.look() == {"ok": False, "isolation": ["machine"], "why": WHY[0], "next": WHY[1]}


def test_grading_stops_there(
    monkeypatch: pytest.MonkeyPatch, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without isolation nothing is graded, and the message names both ways on."""
    monkeypatch.setattr(backends, "unavailable_reason", lambda: WHY)
    submit_notebook(course, "ada", b"no notebook")
    assert cli.main(["--course", str(course.root), "grade", "service"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "apt-get install -y bubblewrap" in error
    assert "--no-isolation" in error


def test_isolation_can_be_waived() -> None:
    """The settings of the sandboxes are others then, and so is the key of every verdict."""
    assert doctor.settings(no_isolation=False) == {}
    assert doctor.settings(no_isolation=True) == {"isolated": False}
    assert GradingConfig(settings=doctor.settings(no_isolation=True)).new_sandbox().isolation == ("machine",)
