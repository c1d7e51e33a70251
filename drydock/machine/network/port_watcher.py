"""Updates the forwards when containers publish other ports: a thread that reads the daemon's events."""

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
from drydock.machine.network import published_ports
from drydock.machine.network.portfwd import PortForwarder

#: Events after which other ports may be published.
_EVENTS = {"type": ["container"], "event": ["start", "die", "restart", "unpause", "destroy"]}
#: Seconds between two attempts to forward a port that another program uses.
_RETRY_SECONDS = 1.0
#: Temporary errors of the daemon, of slirp4netns, or of the guest's agent (RuntimeError).
_TEMPORARY_ERRORS = (docker.errors.DockerException, requests.RequestException, OSError, ValueError, RuntimeError)


class PortWatcher:
    """Keeps the forwards of ``ports`` equal to what the machine's daemon publishes, until it is stopped."""

    def __init__(self, certificates: Path, endpoint_port: int, ports: PortForwarder) -> None:
        self._endpoint = Endpoint(f"tcp://127.0.0.1:{endpoint_port}", certificates)
        self._ports = ports
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._lock = threading.Lock()
        self._events = EventStream(
            lambda: closing(self._endpoint.client(timeout=3600)),
            _EVENTS,
            self._handle,
            ignored=_TEMPORARY_ERRORS,
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads; forwards are changed on ``loop``."""
        self._loop = loop
        self._events.start("drydock-port-events")
        threading.Thread(target=self._retry, daemon=True).start()

    def stop(self) -> None:
        """Stop and close the event stream: on shutdown, dockerd waits five seconds for clients that still read it."""
        self._stopped.set()
        self._events.close()

    def _retry(self) -> None:
        while not self._stopped.wait(_RETRY_SECONDS):
            if self._ports.has_conflicts:
                try:
                    with closing(self._endpoint.client()) as client:
                        self._update(client)
                except _TEMPORARY_ERRORS:
                    continue

    def _handle(self, client: docker.DockerClient, event: dict[str, Any] | None) -> None:
        if event is not None and event["Action"] == "die":  # at once: the daemon's list takes a moment
            self._run_on_loop(self._ports.remove_container(event["Actor"]["ID"]))
        self._update(client)

    def _update(self, client: docker.DockerClient) -> None:
        with self._lock:
            containers = client.api.containers()
            published = published_ports.of_containers(containers)
            if published_ports.has_service(containers):
                services: Any = client.api.services
                published |= published_ports.of_services(services())
            self._run_on_loop(self._ports.update(published))

    def _run_on_loop(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if self._stopped.is_set():
            coroutine.close()
            return
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)
