"""Cells that need a Drydock machine: where none can be started, the reason is known."""

from __future__ import annotations

import pytest

from drydock.core import platform
from drydock.learn import machine_cells


def test_no_machine_on_other_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and Windows the platform is the reason."""
    monkeypatch.setattr(platform, "supports_machines", lambda: False)
    machine_cells.obstacle.cache_clear()
    assert machine_cells.obstacle() == platform.NO_MACHINES
    machine_cells.obstacle.cache_clear()
