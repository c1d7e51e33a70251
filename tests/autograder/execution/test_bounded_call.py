"""Calls in a child process that can be killed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from autograder.execution.bounded_call import CallFailed, bounded_call


def double(number: int) -> int:
    """Return a plain value."""
    return number * 2


def forever() -> None:
    """Never return."""
    while True:
        time.sleep(1)


def greedy() -> int:
    """Need more memory than is allowed."""
    return len(bytearray(2 << 30))


def broken() -> None:
    """Raise something that the caller has never heard of."""
    raise KeyError("colour 38")


def deep() -> Any:
    """Return a value that JSON can't carry."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.slow
def test_a_value_comes_back() -> None:
    """What the function returned, also many times in a row."""
    assert [bounded_call(double, number) for number in range(3)] == [0, 2, 4]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (forever, "longer than 0.5 s"),
        (greedy, "memory"),
        (broken, "KeyError: 'colour 38'"),
        (deep, "nested too deeply|without an answer"),
    ],
)
def test_a_call_without_a_value_has_a_reason(function: Any, reason: str) -> None:
    """Too slow, too large, broken: the caller goes on, with a reason."""
    bounded_call(double, 1)  # the fork server imports its modules with the first call
    with pytest.raises(CallFailed, match=reason):
        bounded_call(function, seconds=0.5 if function is forever else 20, memory_mb=512)
