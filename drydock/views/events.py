"""Update triggers of live views: the daemon's events, or an interval."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from drydock.core.event_stream import EventStream

if TYPE_CHECKING:
    import docker

#: One command causes several events; an update comes when there was none for this long; seconds.
_QUIET = 0.1
#: The most quiet times that an update is delayed while events go on.
_MOST_DELAYS = 5
#: Frequent events that change no picture.
_IGNORED_ACTIONS = ("exec_", "health_status", "top", "attach", "resize", "archive-path", "prune")
_TYPES = ["container", "image", "network", "volume"]


class UpdateTrigger(Protocol):
    """Says when a live view must redraw, until it is closed."""

    def wait(self) -> bool:
        """Wait for the next update and return True; return False when the trigger was closed."""

    def close(self) -> None:
        """End the current :meth:`wait`."""


class Interval:
    """An update at fixed intervals."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._closed = threading.Event()

    def wait(self) -> bool:
        """Wait for the end of the interval."""
        return not self._closed.wait(self._seconds)

    def close(self) -> None:
        """End the current :meth:`wait`."""
        self._closed.set()


class Events:
    """An update after each burst of the daemon's events, when its connection breaks, and when it is back."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._updated, self._closed = threading.Event(), threading.Event()
        self._stream = EventStream(
            lambda: nullcontext(client), {"type": _TYPES}, self._handle, on_disconnect=self._updated.set
        )
        self._stream.start("drydock-events")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for an event, or for so long, and for the end of its burst."""
        self._updated.wait(seconds)
        for _ in range(_MOST_DELAYS):
            self._updated.clear()
            if self._closed.wait(_QUIET) or not self._updated.is_set():
                break
        return not self._closed.is_set()

    def close(self) -> None:
        """Close the connection to the daemon, and end the current :meth:`wait`."""
        self._closed.set()
        self._updated.set()
        self._stream.close()

    def _handle(self, client: docker.DockerClient, event: dict[str, Any] | None) -> None:
        # No event: the connection is new, and what happened before it was missed.
        if event is None or not str(event.get("Action", "")).startswith(_IGNORED_ACTIONS):
            self._updated.set()
