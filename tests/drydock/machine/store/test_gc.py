"""Garbage collection of machines that were killed together with their owners."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.store import artifact_cache
from drydock.machine.store.gc import remove_leftovers
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings, machines_folder
from tests.architecture.tree import ROOT

#: A program that boots a machine, prints its state and waits.
OWNER = """
import json
from drydock.machine import Machine
with Machine(memory_mb=512) as machine:
    print(json.dumps(machine.instance.state()), flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a data folder without other tests' machines."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def dead(name: str) -> Instance:
    """Create the instance folder of a temporary machine that was killed."""
    instance = Instance(name)
    instance.folder.mkdir()
    instance.start_lock.touch()
    Settings(name, temporary=True).write(instance.folder)
    return instance


def test_a_killed_machine_is_removed() -> None:
    """The instance folder of a killed temporary machine is removed, and so is the lock beside it."""
    instance = dead("tmp-0badcafe")
    assert remove_leftovers() == 1
    assert not instance.folder.exists()
    assert list(machines_folder().iterdir()) == []


def test_a_named_machine_stays() -> None:
    """A machine that has a name of its own is never removed: it may be stopped for years."""
    instance = dead("mine")
    assert remove_leftovers() == 0
    assert instance.exists()


def test_a_machine_that_is_being_started_stays() -> None:
    """A machine whose start lock is held stays, though its supervisor does not run yet."""
    instance = dead("tmp-0badcafe")
    with artifact_cache.locked(instance.start_lock):
        assert remove_leftovers() == 0
    assert instance.exists()


@pytest.mark.live
@pytest.mark.timeout(200)
def test_a_machine_killed_with_its_owner_is_removed() -> None:
    """A running machine stays; after owner and supervisor were killed, its disk and sockets are removed."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as owner:
        assert owner.stdout is not None
        wait_for(owner.stdout.readline, "the machine", seconds=100)
        [machine] = Machine.all()
        sockets = Path(machine.instance.state()["sockets"])
        assert remove_leftovers() == 0
        for pid in (owner.pid, machine.supervisor_pid()):
            os.kill(pid, signal.SIGKILL)
        owner.wait()
    wait_for(lambda: not machine.is_running(), "its end", seconds=60)
    assert machine.folder.exists()
    assert remove_leftovers() == 1
    assert not machine.folder.exists()
    assert not sockets.exists()
