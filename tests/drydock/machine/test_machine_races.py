"""Two processes with one machine, and folders that no machine of ours has: no machine is booted here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drydock.errors import BadSetting, NoMachine
from drydock.machine import Machine
from drydock.machine.artifacts import machine_build, resolve
from drydock.machine.store import artifact_cache
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings


@pytest.fixture
def machine(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A stopped machine whose artifacts are empty files."""
    for name in ("kernel", "base"):
        (user_folders / name).mkdir()
        (user_folders / name / "manifest.json").write_text("{}")
    kernel = KernelFiles(user_folders / "kernel" / "linux", None)
    monkeypatch.setattr(resolve, "artifacts", lambda *_: machine_build.Artifacts(kernel, user_folders / "base"))
    stopped = Machine("one")
    stopped.folder.mkdir()
    Settings("one").write(stopped.folder)
    return stopped


def in_order(*values: bool) -> Callable[[], bool]:
    """Return a function that returns these values, one at each call."""
    return iter(values).__next__


def test_a_machine_that_ends_before_it_is_started(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that another process was booting, and that has failed meanwhile, is booted by this process."""
    monkeypatch.setattr(machine, "is_running", in_order(True, False))
    monkeypatch.setattr(machine._launcher, "launch", lambda owned: None)
    assert machine.start(quiet=True) is True


@pytest.mark.parametrize("running", [True, False])
def test_a_machine_that_ran_before_goes_on_running(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, running: bool
) -> None:
    """Only a machine that was booted at the beginning of ``with`` is stopped at its end."""
    stops: list[str] = []
    monkeypatch.setattr(machine, "start", lambda owned: not running)
    monkeypatch.setattr(machine, "stop", lambda: stops.append("stopped"))
    with machine:
        assert stops == []
    assert stops == ([] if running else ["stopped"])


def test_it_is_not_removed_while_it_is_being_started(machine: Machine) -> None:
    """Removing a machine waits for a process that is starting it, whose files would vanish otherwise."""
    removing = threading.Thread(target=machine.remove)
    with artifact_cache.locked(machine.instance.start_lock):
        removing.start()
        removing.join(timeout=0.5)
        assert machine.exists()
    removing.join(timeout=30)
    with pytest.raises(NoMachine):
        machine.status()


def test_folders_that_are_shared_at_once_are_both_stored(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two notebooks that share their folders at the same time do not overwrite each other's setting."""
    asked: list[str] = []

    def ask(verb: str, **arguments: Any) -> None:
        asked.append(arguments["folder"])
        if len(asked) == 1:
            other.start()
            other.join(timeout=0.5)  # it waits for the lock

    monkeypatch.setattr(machine, "ask", ask)
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    other = threading.Thread(target=machine.share, args=[folders[1]])
    machine.share(folders[0])
    other.join(timeout=30)
    assert machine.instance.settings().shares == tuple(map(str, folders))


def test_a_copied_folder_is_no_machine(machine: Machine) -> None:
    """A folder with a name that no machine can have, such as a copy, keeps nobody from using the others."""
    for name in ("one (copy)", "One.bak"):
        (machine.folder.parent / name).mkdir()
        Settings("one").write(machine.folder.parent / name)
    assert [other.name for other in Machine.all()] == ["one"]


def test_a_temporary_machine_that_ends_meanwhile_is_left_out(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of the autograder may be removed between two looks at it."""

    def ends(looked_at: Machine) -> bool:
        (looked_at.folder / "settings.json").unlink()
        return True

    monkeypatch.setattr(Machine, "is_running", ends)
    assert Machine.running() == []


def test_a_cpu_of_another_computer(machine: Machine) -> None:
    """A stored CPU that this computer does not have is an error that says which there are."""
    Settings("one", cpu=4000).write(machine.folder)
    with pytest.raises(BadSetting, match="pinned to CPU 4000"):
        machine.start(quiet=True)
