"""A daemon's event stream that is opened again whenever it breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import docker

#: Seconds before a broken stream is opened again.
_RETRY = 1.0


class EventStream:
    """Reads a daemon's events until closed; while the daemon is away it tries again every second.

    ``connect`` opens a client for one connection, ``filters`` are those of ``docker events``. ``handle`` gets the
    client and an event, and None instead of an event right after each connection, since events before it were missed.
    No error ends the reading thread: whatever a connection raised, the next one may work.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[docker.DockerClient]],
        filters: Mapping[str, Any],
        handle: Callable[[docker.DockerClient, dict[str, Any] | None], None],
        *,
        on_disconnect: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect, self._filters, self._handle = connect, filters, handle
        self._on_disconnect = on_disconnect
        self._closed = threading.Event()
        self._events: Any = None

    def start(self, name: str) -> None:
        """Read events in a daemon thread of that name."""
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._closed.set()
        if self._events is not None:
            with suppress(Exception):  # the stream may have ended already, or may be closing under its reader
                self._events.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            with suppress(Exception), self._connect() as client:
                self._read(client)
            self._on_disconnect()
            self._closed.wait(_RETRY)

    def _read(self, client: docker.DockerClient) -> None:
        self._events = client.events(decode=True, filters=dict(self._filters))
        self._handle(client, None)
        if self._closed.is_set():  # closed while we were connecting
            self.close()
        for event in self._events:
            self._handle(client, event)
