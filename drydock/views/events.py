"""When to look again: at the daemon's events, or by the clock."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any, Protocol

import docker
import requests
import urllib3
from docker.errors import DockerException

#: What a daemon that is away, restarting or hanging up may raise.
PASSING = (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError)

#: One command makes several events: so long nothing more must come before it's told; seconds.
_QUIET = 0.1
#: So many of these pauses a burst may last before it's told all the same.
_LONGEST = 5
#: How often a daemon that hung up is called again; seconds.
_AGAIN = 1.0
#: What happens often and changes no picture.
_NOISE = ("exec_", "health_status", "top", "attach", "resize", "archive-path", "prune")
_TYPES = ["container", "image", "network", "volume"]


class UpdateTrigger(Protocol):
    """Something to wait for, again and again, until it's closed."""

    def wait(self) -> bool:
        """Wait until there is something new to see; False when it was closed."""

    def close(self) -> None:
        """Wake up who waits, for the last time."""


class Clock:
    """News at fixed times."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._closed = threading.Event()

    def wait(self) -> bool:
        """Wait for the next time."""
        return not self._closed.wait(self._seconds)

    def close(self) -> None:
        """Wake up who waits, for the last time."""
        self._closed.set()


class Events:
    """News when the daemon tells of an event, when it hangs up, and when it's back."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self._news, self._closed = threading.Event(), threading.Event()
        self._stream: Any = None
        threading.Thread(target=self._listen, name="drydock-events", daemon=True).start()

    def wait(self) -> bool:
        """Wait for an event, and until a burst of them is over."""
        self._news.wait()
        for _ in range(_LONGEST):
            self._news.clear()
            if self._closed.wait(_QUIET) or not self._news.is_set():
                break
        return not self._closed.is_set()

    def close(self) -> None:
        """Hang up, and wake up who waits, for the last time."""
        self._closed.set()
        self._news.set()
        if self._stream is not None:
            # It may have ended by itself, in the meantime or long ago.
            with suppress(Exception):
                self._stream.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            with suppress(Exception):  # a stream that is closed under its reader raises what it likes
                self._stream = self._client.events(decode=True, filters={"type": _TYPES})
                self._news.set()  # what happened before we listened is news too
                if self._closed.is_set():  # told to stop while we were connecting
                    self.close()
                for event in self._stream:
                    if not str(event.get("Action", "")).startswith(_NOISE):
                        self._news.set()
            self._news.set()
            self._closed.wait(_AGAIN)
