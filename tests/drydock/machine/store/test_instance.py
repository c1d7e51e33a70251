"""An instance folder while its machine runs, after a run, and when there is no machine."""

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
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """Create the instance folder of a stopped machine."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    stopped = Instance("test")
    stopped.folder.mkdir()
    Settings("test").write(stopped.folder)
    return stopped


def record(instance: Instance, **state: object) -> None:
    """Write the state that a supervisor records."""
    (instance.folder / "state.json").write_text(json.dumps(state))


def test_a_machine_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder, a machine neither exists nor runs, and its state is an error."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert not Instance("none").exists()
    assert not Instance("none").is_running()
    with pytest.raises(NoMachine):
        Instance("none").state()


def test_the_lock_decides_whether_it_runs(instance: Instance) -> None:
    """A machine runs while its lock is held. Its process number does not count: another process may have it now."""
    record(instance, endpoint=1234, pid=1)
    assert not instance.is_running()
    with (instance.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert instance.is_running()
        assert instance.state()["endpoint"] == 1234
    assert not instance.is_running()


def test_an_interrupted_run(instance: Instance) -> None:
    """State without a running supervisor means that the run was interrupted, and the error reports that."""
    assert instance.exit_reason() == ""
    record(instance, endpoint=1234)
    assert instance.exit_reason().startswith("It was interrupted")
    with pytest.raises(NotRunning, match="It was interrupted"):
        instance.state()


def test_a_recorded_end(instance: Instance) -> None:
    """A reason that the supervisor recorded is returned with its time."""
    (instance.folder / "ended.json").write_text(json.dumps({"why": "Its kernel process ended", "when": "noon"}))
    assert instance.exit_reason() == "Its kernel process ended at noon."


def test_clearing_an_interrupted_run(instance: Instance, tmp_path: Path) -> None:
    """The sockets' folder and the processes that use it are removed; the settings stay."""
    sockets = tmp_path / "sockets"
    sockets.mkdir()
    record(instance, sockets=str(sockets))
    script = "import signal; print('ready', flush=True); signal.pause()"
    argv = [sys.executable, "-c", script, str(sockets / "net")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"  # before exec, a process does not have its own command line
        instance.clear_last_run()
        assert process.wait(timeout=10) == -9
    assert not sockets.exists()
    assert instance.exists()
    assert instance.exit_reason() == ""


def test_removing_leaves_nothing(instance: Instance) -> None:
    """The instance folder and the lock beside it are removed."""
    instance.start_lock.touch()
    instance.remove()
    assert not instance.folder.exists()
    assert not instance.start_lock.exists()


@pytest.mark.parametrize("content", ["", '{"sockets": "/tm'])
def test_a_damaged_record_of_the_last_run(instance: Instance, content: str) -> None:
    """What a power failure left of the files about the last run keeps no machine from being started or listed."""
    for name in ("state.json", "ended.json"):
        (instance.folder / name).write_text(content)
    assert instance.exit_reason().startswith("It was interrupted")
    with pytest.raises(NotRunning):
        instance.state()
    instance.clear_last_run()
    assert instance.exit_reason() == ""
