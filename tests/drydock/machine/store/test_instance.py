"""A machine's home: what is known from it while the machine runs, after it, and when there is none."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.errors import NoMachine, NotRunning
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """A home that somebody has moved into, with nobody in."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = Instance("test")
    home.folder.mkdir()
    Settings("test").write(home.folder)
    return home


def note(home: Instance, **facts: object) -> None:
    """What a supervisor would have noted."""
    (home.folder / "state.json").write_text(json.dumps(facts))


def test_one_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It exists for nobody, and asking for its state says so."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert not Instance("none").exists()
    assert not Instance("none").is_lived_in()
    with pytest.raises(NoMachine):
        Instance("none").state()


def test_who_holds_the_lock_lives_there(made: Instance) -> None:
    """Not a process number, which may be somebody else's by now: the lock says who lives."""
    note(made, endpoint=1234, pid=1)
    assert not made.is_lived_in()
    with (made.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert made.is_lived_in()
        assert made.state()["endpoint"] == 1234
    assert not made.is_lived_in()


def test_an_end_that_nobody_saw(made: Instance) -> None:
    """State without a supervisor means that it was cut off."""
    assert made.last_end() == ""
    note(made, endpoint=1234)
    assert "ended without a word" in made.last_end()
    with pytest.raises(NotRunning, match="ended without a word"):
        made.state()


def test_an_end_that_was_noted(made: Instance) -> None:
    """What the supervisor wrote down last is told with its time."""
    (made.folder / "ended.json").write_text(json.dumps({"why": "its kernel process ended", "when": "today"}))
    assert made.last_end() == "its kernel process ended, today"


def test_forgetting_takes_what_was_left(made: Instance, tmp_path: Path) -> None:
    """The sockets' folder of a life cut off goes, and so does what still used it; the settings stay."""
    sockets = tmp_path / "sockets"
    sockets.mkdir()
    note(made, sockets=str(sockets))
    program = "import signal; print('here', flush=True); signal.pause()"
    words = [sys.executable, "-c", program, str(sockets / "net")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as left:
        assert left.stdout is not None
        assert left.stdout.readline() == "here\n"  # a process that has only just begun has no command line yet
        made.forget_last_life()
        assert left.wait(timeout=10) == -9
    assert not sockets.exists()
    assert made.exists()
    assert made.last_end() == ""


def test_removing_leaves_nothing(made: Instance) -> None:
    """The folder goes with all that was in it."""
    made.starting.touch()
    made.remove()
    assert not made.folder.exists()
    assert not made.starting.exists()
