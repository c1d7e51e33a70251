"""Which walls can stand here, and that nothing is graded without them unless somebody says so."""

from __future__ import annotations

import json

import pytest

from autograder import cli, doctor
from autograder.errors import NotIsolated
from drydock.machine.isolation import backends

WHY = ("bubblewrap is not installed", "apt-get install -y bubblewrap")


@pytest.mark.wall
def test_all_stand_here(capsys: pytest.CaptureFixture[str]) -> None:
    """Where they do, the table says so for each, and the JSON is nothing but JSON."""
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert all(wall in said for wall in ("bubblewrap", "container", "machine", "guard"))
    assert " no " not in said.replace("no file", "")
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["walls"] == [backends.choose().NAME, "machine", "guard"]


@pytest.mark.host
@pytest.mark.wall("container")
def test_which_one_stands_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outermost has the name of what it is made of."""
    monkeypatch.setenv(backends.CHOICE, "container")
    assert doctor.look() == {"ok": True, "walls": ["container", "machine", "guard"], "why": "", "next": ""}


def test_where_none_can_stand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The doctor tells what would help, and its exit code tells a script."""
    monkeypatch.setattr(backends, "why_not", lambda: WHY)
    assert cli.main(["doctor"]) == 1
    assert "apt-get install -y bubblewrap" in capsys.readouterr().out
    assert doctor.look() == {"ok": False, "walls": ["machine"], "why": WHY[0], "next": WHY[1]}


def test_grading_stops_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a wall nothing is graded, and the message names both ways on."""
    monkeypatch.setattr(backends, "why_not", lambda: WHY)
    with pytest.raises(NotIsolated) as caught:
        doctor.terms(no_walls=False)
    assert "apt-get install -y bubblewrap" in caught.value.next
    assert "--no-walls" in caught.value.next


def test_unless_it_is_waived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says so takes it on: the terms are others, and so is the key of every verdict."""
    monkeypatch.setattr(backends, "why_not", lambda: WHY)
    assert doctor.terms(no_walls=True).settings == {"walls": False}
    assert doctor.terms(no_walls=True).new_sandbox().walls == ("machine",)
