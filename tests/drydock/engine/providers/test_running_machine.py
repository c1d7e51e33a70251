"""The fourth provider: a running machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.core import platform
from drydock.engine.providers import running_machine
from drydock.machine import Machine


def test_no_running_machine(no_docker: pytest.MonkeyPatch) -> None:
    """If no machine is running, that is the reason."""
    assert running_machine.detect().reason == "no machine is running"


def test_a_machine_that_is_removed_meanwhile(no_docker: pytest.MonkeyPatch) -> None:
    """A machine that ends between two looks is a reason, and no error."""
    no_docker.setattr(Machine, "running", lambda: [Machine("gone")])
    assert running_machine.detect().reason == "the machine 'gone' is still booting, or has just ended"


def test_a_home_that_can_not_be_written(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no folder for machines can be created, that is the reason, and other providers are still asked."""
    (tmp_path / "file").touch()
    no_docker.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "data"))
    assert running_machine.detect().reason.startswith("the folder of machines can't be used: ")


def test_platform_without_machines(no_machines: None) -> None:
    """On other platforms the reason says what is needed there."""
    assert running_machine.detect().reason == platform.NO_MACHINES
