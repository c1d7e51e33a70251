"""The last place: a machine that does not run yet."""

from __future__ import annotations

import pytest

from drydock.engine import fresh, ground
from drydock.errors import ToolsMissing


def test_an_obstacle_is_told_with_its_way_out(bare: pytest.MonkeyPatch) -> None:
    """What stands in the way of a machine is the reason, with what to do about it."""
    bare.setattr("drydock.machine.why_not", lambda: ToolsMissing(["slirp4netns"], "run a machine"))
    answer = fresh.ask()
    assert not answer.usable
    assert "apt-get install -y slirp4netns" in answer.reason


def test_being_asked_boots_nothing(bare: pytest.MonkeyPatch) -> None:
    """The answer is a promise; booting is left to who takes it."""
    bare.setattr("drydock.machine.why_not", lambda: None)
    answer = fresh.ask()
    assert answer.endpoint is None
    assert answer.usable


def test_where_none_can_be(elsewhere: None) -> None:
    """On other systems the reason says what it takes there."""
    assert fresh.ask().reason == ground.WHERE
