"""The last provider: a machine to be booted."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from drydock.core import ping, platform
from drydock.engine.providers import new_machine
from drydock.errors import ToolsMissing
from drydock.machine import Machine


def test_obstacle_is_the_reason(no_docker: pytest.MonkeyPatch) -> None:
    """The reason why no machine can be booted includes what to do about it."""
    no_docker.setattr("drydock.machine.obstacles", lambda: [ToolsMissing(["slirp4netns"], "run a machine")])
    candidate = new_machine.detect()
    assert not candidate.usable
    assert "apt-get install -y slirp4netns" in candidate.reason


def test_detecting_boots_nothing(no_docker: pytest.MonkeyPatch) -> None:
    """A candidate that can be booted has no endpoint yet."""
    no_docker.setattr("drydock.machine.obstacles", lambda: [])
    candidate = new_machine.detect()
    assert candidate.endpoint is None
    assert candidate.usable


def test_platform_without_machines(no_machines: None) -> None:
    """On other platforms the reason says what is needed there."""
    assert new_machine.detect().reason == platform.NO_MACHINES


@pytest.mark.parametrize("started", [True, False])
def test_a_machine_that_another_process_booted_meanwhile_is_not_ours(
    no_docker: pytest.MonkeyPatch, tmp_path: Path, started: bool
) -> None:
    """It gets the folders shared, and is returned as one that was not booted here."""
    shared: list[Path] = []
    no_docker.setattr("drydock.machine.obstacles", lambda: [])
    no_docker.setattr(Machine, "start", lambda machine, owned: started)
    no_docker.setattr(Machine, "share", lambda machine, folder: shared.append(folder))
    no_docker.setattr(new_machine, "_answers", lambda machine: True)
    boot = new_machine.detect().boot
    assert boot is not None
    machine, here = boot([tmp_path], True)
    assert (machine.name, here) == (platform.DEFAULT_MACHINE, started)
    assert shared == ([] if started else [tmp_path])


@pytest.mark.nightly
@pytest.mark.live
def test_hanging_machine_is_booted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose kernel is stopped by SIGSTOP runs for its supervisor, but its daemon never answers."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(new_machine, "_ANSWER_SECONDS", 2)
    machine = Machine(platform.DEFAULT_MACHINE)
    machine.start(owned=True)
    try:
        first_pid = machine.supervisor_pid()
        os.kill(machine.instance.state()["kernel_pid"], signal.SIGSTOP)
        boot = new_machine.detect().boot
        assert boot is not None
        booted, here = boot([], True)
        assert here
        assert ping.version(booted.endpoint)
        assert machine.supervisor_pid() != first_pid
        booted.stop()
    finally:
        machine.remove()
