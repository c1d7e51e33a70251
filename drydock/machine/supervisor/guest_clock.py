"""The guest's clock: set again after this computer's clock has jumped, as it does when the computer was suspended.

The guest's clock counts this computer's monotonic clock, which stands still during a suspend. Of a process that is
stopped by a signal the clock stays right, because the monotonic clock goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

_EVERY_SECONDS = 5.0
#: Steps below this many seconds are left alone: a guest's clock is set to whole seconds.
_TOLERANCE_SECONDS = 1.0


def offset() -> float:
    """Return by how many seconds the time of day is ahead of the monotonic clock; only a jump changes it."""
    return time.time() - time.monotonic()


async def follow(
    set_clock: Callable[[], Awaitable[object]], *, read: Callable[[], float] = offset, every: float = _EVERY_SECONDS
) -> None:
    """Compare the offset every few seconds, and set the guest's clock when it has changed; runs until cancelled."""
    known = read()
    while True:
        await asyncio.sleep(every)
        current = read()
        if abs(current - known) > _TOLERANCE_SECONDS:
            with suppress(RuntimeError, TimeoutError):  # the guest is busy: it is asked again
                await set_clock()
                known = current
