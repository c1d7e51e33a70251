"""Waiting for a condition with a deadline, instead of sleeping for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from drydock.errors import TimedOut

T = TypeVar("T")


def wait_for(
    condition: Callable[[], T | None],
    awaited: str,
    *,
    seconds: float,
    every: float = 0.05,
    details: Callable[[], str] = lambda: "",
) -> T:
    """Call ``condition`` every ``every`` seconds and return its first true value.

    Raises :class:`~drydock.errors.TimedOut` after ``seconds``: its message is "Timed out after 9 s waiting for
    {awaited}.", and its reason what ``details`` returns. An exception of the condition is not caught.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimedOut(awaited, seconds, details())
        time.sleep(every)
