"""Follows what containers publish: a thread that listens to the daemon's events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import requests

from drydock.core.endpoint import Endpoint
from drydock.core.event_stream import EventStream
from drydock.machine.network.portfwd import PortForwarder, published

#: What may change the set of published ports.
_EVENTS = {"type": ["container"], "event": ["start", "die", "restart", "unpause", "destroy"]}
#: How often a port that someone else holds is tried again; seconds.
_AGAIN = 1.0
#: What may go wrong with the daemon, the network helper or the guest (whose no is a RuntimeError) and pass.
_PASSING = (docker.errors.DockerException, requests.RequestException, OSError, ValueError, RuntimeError)


class PortWatcher:
    """Keeps ``ports`` equal to what the machine's daemon publishes, until stopped."""

    def __init__(self, certificates: Path, endpoint_port: int, ports: PortForwarder) -> None:
        self._endpoint = Endpoint(f"tcp://127.0.0.1:{endpoint_port}", certificates)
        self._ports = ports
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._lock = threading.Lock()
        self._events = EventStream(
            lambda: closing(self._endpoint.client(timeout=3600)),
            _EVENTS,
            lambda client, event: self._look(client),
            ignored=_PASSING,
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; forwards are changed on ``loop``."""
        self._loop = loop
        self._events.start("drydock-port-events")
        threading.Thread(target=self._retry, daemon=True).start()

    def stop(self) -> None:
        """Stop following, and hang up: dockerd on its way down waits five seconds for whoever still listens."""
        self._stopped.set()
        self._events.close()

    def _retry(self) -> None:
        while not self._stopped.wait(_AGAIN):
            if self._ports.contested:
                try:
                    with closing(self._endpoint.client()) as client:
                        self._look(client)
                except _PASSING:
                    continue

    def _look(self, client: docker.DockerClient) -> None:
        with self._lock:
            wanted = published(client.api.containers())
            self._on_loop(self._ports.follow(wanted))

    def _on_loop(self, work: Coroutine[Any, Any, None]) -> None:
        if self._stopped.is_set():
            work.close()
            return
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)
