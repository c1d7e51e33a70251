"""The fourth place: a machine that runs already."""

from __future__ import annotations

import pytest

from drydock.engine import ground, running


def test_none_runs(bare: pytest.MonkeyPatch) -> None:
    """Where no machine runs, that is the reason."""
    assert running.ask().reason == "no machine runs"


def test_where_none_can_be(elsewhere: None) -> None:
    """On other systems the reason says what it takes there."""
    assert running.ask().reason == ground.WHERE
