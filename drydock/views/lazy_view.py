"""Creation of live views without importing docker-py before the first picture is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from drydock.views.events import UpdateTrigger

if TYPE_CHECKING:
    from drydock.views.live_view import LiveView


def create_live_view(draw: Callable[[], str], open_trigger: Callable[[], UpdateTrigger]) -> LiveView:
    """Return a view that calls ``draw`` again at every update from the trigger."""
    from drydock.views.live_view import LiveView

    return LiveView(draw, open_trigger)
