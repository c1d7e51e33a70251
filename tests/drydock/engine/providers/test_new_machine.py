"""The last place: a machine that does not run yet."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from drydock.core import ping, platform
from drydock.engine.providers import new_machine
from drydock.errors import ToolsMissing
from drydock.machine import Machine


def test_an_obstacle_is_told_with_its_way_out(bare: pytest.MonkeyPatch) -> None:
    """What stands in the way of a machine is the reason, with what to do about it."""
    bare.setattr("drydock.machine.why_not", lambda: ToolsMissing(["slirp4netns"], "run a machine"))
    answer = new_machine.ask()
    assert not answer.usable
    assert "apt-get install -y slirp4netns" in answer.reason


def test_being_asked_boots_nothing(bare: pytest.MonkeyPatch) -> None:
    """The answer is a promise; booting is left to who takes it."""
    bare.setattr("drydock.machine.why_not", lambda: None)
    answer = new_machine.ask()
    assert answer.endpoint is None
    assert answer.usable


def test_where_none_can_be(elsewhere: None) -> None:
    """On other systems the reason says what it takes there."""
    assert new_machine.ask().reason == platform.WHERE


@pytest.mark.live
def test_a_machine_that_hangs_is_booted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs, so far as its supervisor knows, and its daemon will never answer."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(new_machine, "_PATIENCE", 2)
    machine = Machine(platform.DEFAULT)
    machine.start(owned=True)
    try:
        first = machine.supervisor_pid()
        os.kill(machine.home.state()["kernel_pid"], signal.SIGSTOP)
        boot = new_machine.ask().boot
        assert boot is not None
        again = boot([], True)
        assert ping.version(again.endpoint)
        assert machine.supervisor_pid() != first
        again.stop()
    finally:
        machine.remove()
