"""Wait for a condition, never for a fixed time."""

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
    seen: Callable[[], str] = lambda: "",
) -> T:
    """The first truthy value of ``condition()``, asked every ``every`` seconds.

    ``awaited`` completes the sentence "waited 9 s for ..."; ``seen`` may add what was seen instead.
    Raises :class:`~drydock.errors.TimedOut` after ``seconds``. An exception from the condition passes.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimedOut(awaited, seconds, seen())
        time.sleep(every)
