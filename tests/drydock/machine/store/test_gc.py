"""What machines left that were killed together with their owners."""

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
from drydock.machine.store.gc import sweep
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings, machines_folder
from tests.architecture.tree import ROOT

#: Boots a machine, says where its sockets are and who its supervisor is, and waits.
OWNER = """
import json
from drydock.machine import Machine
with Machine(memory_mb=512) as machine:
    print(json.dumps(machine.home.state()), flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def _own_ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines of nobody else's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def dead(name: str) -> Instance:
    """The home of a temporary machine that is gone."""
    home = Instance(name)
    home.folder.mkdir()
    home.starting.touch()
    Settings(name, temporary=True).write(home.folder)
    return home


def test_what_a_dead_machine_left_is_cleared_away() -> None:
    """Its home, and the lock beside it."""
    home = dead("tmp-0badcafe")
    assert sweep() == 1
    assert not home.folder.exists()
    assert list(machines_folder().iterdir()) == []


def test_a_machine_with_a_name_is_somebodys() -> None:
    """It may be stopped for years."""
    home = dead("mine")
    assert sweep() == 0
    assert home.exists()


def test_a_machine_that_is_being_started_is_left_alone() -> None:
    """Nobody lives in it yet, and somebody is about to."""
    home = dead("tmp-0badcafe")
    with artifact_cache.locked(home.starting):
        assert sweep() == 0
    assert home.exists()


@pytest.mark.live
@pytest.mark.timeout(200)
def test_owner_and_supervisor_killed_at_once_leave_nothing_for_long() -> None:
    """While it runs it is left alone; afterwards disk, sockets and processes are gone."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as owner:
        assert owner.stdout is not None
        wait_for(owner.stdout.readline, "the machine", seconds=100)
        [machine] = Machine.all()
        sockets = Path(machine.home.state()["sockets"])
        assert sweep() == 0
        for pid in (owner.pid, machine.supervisor_pid()):
            os.kill(pid, signal.SIGKILL)
        owner.wait()
    wait_for(lambda: not machine.is_running(), "its end", seconds=10)
    assert machine.folder.exists()
    assert sweep() == 1
    assert not machine.folder.exists()
    assert not sockets.exists()
