"""The starter's side of a supervisor: a report is awaited, and what goes wrong before it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drydock.errors import BootFailed, DrydockError, NoSpace
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor.launcher import Launcher


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """A home whose machine can't boot: its kernel is nowhere."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    made = Instance("test")
    made.folder.mkdir()
    Settings("test", kernel=str(tmp_path / "none"), base=str(tmp_path / "none"), temporary=True).write(made.folder)
    return made


@pytest.mark.parametrize("owned", [True, False])
def test_a_supervisor_that_fails_says_why(home: Instance, owned: bool) -> None:
    """The starter raises what happened, and nobody is left at home."""
    with pytest.raises(DrydockError, match="ended while booting") as caught:
        Launcher(home).launch(owned=owned)
    assert "none/linux: No such file" in caught.value.why
    assert not home.is_running()


def test_a_supervisor_that_is_no_more_is_no_riddle(home: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ends without a report is told with what it printed last."""
    (home.folder / "settings.json").write_text("no settings")
    with pytest.raises(BootFailed, match="ended without a report") as caught:
        Launcher(home).launch(owned=True)
    assert "JSONDecodeError" in caught.value.why


def test_what_it_reports_arrives_whole(home: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three parts of a message cross the pipe as they are."""
    monkeypatch.setenv("TMPDIR", str(home.folder))
    Settings.read(home.folder).changed(memory_mb=65536 << 10).write(home.folder)
    with pytest.raises(DrydockError) as caught:
        Launcher(home).launch(owned=True)
    whole = NoSpace(home.folder, 65536 << 30, 0)
    assert caught.value.next == whole.next
    assert "Not enough disk space" in caught.value.what


def test_ending_what_has_ended(home: Instance) -> None:
    """Nothing to end is no mistake, also when what was noted is damaged."""
    (home.folder / "state.json").write_text(json.dumps({"pid": "none"})[:-2])
    starter = Launcher(home)
    starter.end()
    starter.reap()
