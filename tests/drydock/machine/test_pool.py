"""The pool: warm machines, each handed out once, none left when its owner is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from drydock.errors import BadSetting, DrydockError, ToolsMissing
from drydock.machine import Machine
from drydock.machine.pool import Pool
from drydock.machine.settings import machines_folder
from drydock.waiting import wait_for

pytestmark = pytest.mark.live


def temporary() -> list[Machine]:
    """The machines without a name of their own that have a home."""
    return [machine for machine in Machine.all() if machine.name.startswith("tmp-")]


@pytest.mark.timeout(900)
def test_each_machine_is_fresh_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that are taken are two different machines that answer, and the pool warms another."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with Pool(1, memory_mb=512) as pool:
        with pool.take() as first, pool.take() as second:
            assert first.name != second.name
            for machine in (first, second):
                with closing(machine.client()) as client:
                    assert client.ping()
        wait_for(lambda: pool.warm() == 1, "the pool to warm another", seconds=60)
    assert temporary() == []


@pytest.mark.timeout(900)
def test_killing_the_owner_leaves_no_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool whose process is killed outright takes its machines along; one that was just begun, the next clears."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    program = (
        "from drydock.machine.pool import Pool\n"
        "with Pool(1, memory_mb=512) as pool:\n"
        "    pool.take()\n"
        "    print('up', flush=True)\n"
        "    input()\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    assert any(machine.is_running() for machine in temporary())
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    wait_for(lambda: not temporary(), "the machines to end with their owner", seconds=30)
    with Pool(0):
        assert list(machines_folder().iterdir()) == []


def test_what_keeps_machines_from_booting_reaches_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trouble of the background is raised where somebody waits for a machine."""
    with Pool(0) as pool:
        monkeypatch.setenv("PATH", "/nonexistent")
        pool._size = 1
        with pool._change:
            pool._change.notify_all()
        with pytest.raises(DrydockError) as trouble:
            pool.take()
        assert isinstance(trouble.value, ToolsMissing)


def test_settings_are_those_of_a_machine() -> None:
    """A pool of machines that can't be says so to whoever asks it for one."""
    with pytest.raises(BadSetting), Pool(1, memory_mb=1) as pool:
        pool.take()
