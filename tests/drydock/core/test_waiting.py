"""Waiting goes by a condition and a deadline."""

from __future__ import annotations

import time

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut


def test_returns_the_first_value_that_counts() -> None:
    """The condition is asked until it gives something, and that is what comes back."""
    answers = iter([None, "", "there"])
    assert wait_for(lambda: next(answers), "an answer", seconds=5, every=0.001) == "there"


def test_asks_once_even_without_time() -> None:
    """A condition that is true already is found at a deadline of now."""
    assert wait_for(lambda: "there", "an answer", seconds=0) == "there"


def test_gives_up_at_the_deadline_and_tells_what_was_seen() -> None:
    """The message says for what and how long one waited, and what was there instead."""
    began = time.monotonic()
    with pytest.raises(TimedOut, match="for the daemon") as caught:
        wait_for(lambda: None, "the daemon", seconds=0.2, every=0.01, seen=lambda: "a kernel panic")
    assert 0.2 <= time.monotonic() - began < 5
    assert caught.value.why == "a kernel panic"


def test_an_exception_passes() -> None:
    """What goes wrong in the condition is not mistaken for 'not yet'."""

    def broken() -> str:
        raise KeyError("name")

    with pytest.raises(KeyError):
        wait_for(broken, "anything", seconds=5)
