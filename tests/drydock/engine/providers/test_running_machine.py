"""The fourth place: a machine that runs already."""

from __future__ import annotations

import pytest

from drydock.core import platform
from drydock.engine.providers import running_machine


def test_none_runs(bare: pytest.MonkeyPatch) -> None:
    """Where no machine runs, that is the reason."""
    assert running_machine.ask().reason == "no machine runs"


def test_where_none_can_be(elsewhere: None) -> None:
    """On other systems the reason says what it takes there."""
    assert running_machine.ask().reason == platform.WHERE
