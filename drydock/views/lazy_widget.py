"""The door to the widgets, which are loaded only when a picture is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from drydock.views.events import UpdateTrigger

if TYPE_CHECKING:
    from drydock.views.live_view import Live


def live(draw: Callable[[], str], news: Callable[[], UpdateTrigger]) -> Live:
    """A picture in a notebook that is drawn anew whenever there is news."""
    from drydock.views.live_view import Live

    return Live(draw, news)
