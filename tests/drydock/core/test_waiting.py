"""Waiting for a condition with a deadline."""

from __future__ import annotations

import time

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut


def test_first_true_value_is_returned() -> None:
    """The condition is called until it returns a true value, which is the result."""
    values = iter([None, "", "there"])
    assert wait_for(lambda: next(values), "a value", seconds=5, every=0.001) == "there"


def test_condition_is_called_at_least_once() -> None:
    """A condition that is already true succeeds with a deadline of 0 seconds."""
    assert wait_for(lambda: "there", "a value", seconds=0) == "there"


def test_timeout_has_details() -> None:
    """After the deadline, the error says what was awaited and has the details as its reason."""
    started = time.monotonic()
    with pytest.raises(TimedOut, match="waiting for the daemon") as caught:
        wait_for(lambda: None, "the daemon", seconds=0.2, every=0.01, details=lambda: "a kernel panic")
    assert 0.2 <= time.monotonic() - started < 5
    assert caught.value.why == "a kernel panic"


def test_exception_is_not_caught() -> None:
    """An exception of the condition ends the waiting."""

    def broken() -> str:
        raise KeyError("name")

    with pytest.raises(KeyError):
        wait_for(broken, "anything", seconds=5)
