"""The fourth provider: a running machine."""

from __future__ import annotations

import pytest

from drydock.core import platform
from drydock.engine.providers import running_machine


def test_no_running_machine(no_docker: pytest.MonkeyPatch) -> None:
    """If no machine is running, that is the reason."""
    assert running_machine.detect().reason == "no machine is running"


def test_platform_without_machines(no_machines: None) -> None:
    """On other platforms the reason says what is needed there."""
    assert running_machine.detect().reason == platform.NO_MACHINES
