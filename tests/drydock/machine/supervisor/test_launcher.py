"""The launcher waits for the supervisor's report and raises the error in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.errors import BootFailed, DrydockError, NoSpace
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor.launcher import Launcher


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """The instance folder of a machine that can't boot, because its kernel does not exist."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    instance = Instance("test")
    instance.folder.mkdir()
    Settings("test", kernel=str(tmp_path / "none"), base=str(tmp_path / "none"), temporary=True).write(instance.folder)
    return instance


@pytest.mark.parametrize("owned", [True, False])
def test_a_failed_boot_is_raised(instance: Instance, owned: bool) -> None:
    """The launcher raises the supervisor's error, and the machine does not run."""
    with pytest.raises(DrydockError, match="ended while booting") as caught:
        Launcher(instance).launch(owned=owned)
    assert isinstance(caught.value, BootFailed)
    assert "none/linux: No such file" in caught.value.why
    assert not instance.is_running()


def test_a_crashed_supervisor(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the supervisor ends without a report, the error has the end of its log."""
    (instance.folder / "settings.json").write_text("no settings")
    with pytest.raises(BootFailed, match="ended without a report") as caught:
        Launcher(instance).launch(owned=True)
    assert "JSONDecodeError" in caught.value.why


def test_the_reported_error_is_complete(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error that is raised has the class and the whole message of the supervisor's error."""
    monkeypatch.setenv("TMPDIR", str(instance.folder))
    Settings.read(instance.folder).changed(memory_mb=65536 << 10).write(instance.folder)
    with pytest.raises(NoSpace) as caught:
        Launcher(instance).launch(owned=True)
    assert caught.value.next == NoSpace(instance.folder, 65536 << 30, 0).next
    assert "Not enough disk space" in caught.value.what


def test_stopping_a_stopped_machine(instance: Instance) -> None:
    """Stopping a machine that does not run is no error, even with a damaged state file."""
    (instance.folder / "state.json").write_text(json.dumps({"pid": "none"})[:-2])
    launcher = Launcher(instance)
    launcher.stop()
    launcher.reap()


def test_a_supervisor_starts_without_docker_py() -> None:
    """Its process imports what boots a machine; docker-py takes 0.2 s, and only forwarding ports needs it."""
    code = "import sys, drydock.machine.supervisor.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "cryptography" in loaded
    assert not loaded & {"docker", "requests", "rich"}
