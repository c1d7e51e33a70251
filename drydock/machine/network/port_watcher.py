"""Updates the forwards when containers publish other ports: a thread that reads the daemon's events.

While a container with ``--network host`` runs, a second thread asks the guest for its ports every second, because no
event reports when a program begins or ends to listen.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import docker

from drydock.core.endpoint import Endpoint
from drydock.core.event_stream import EventStream
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.network import host_network, published_ports
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.published_ports import Port, Target

#: Events after which other ports may be published.
_EVENTS = {"type": ["container"], "event": ["start", "die", "restart", "unpause", "destroy"]}
#: Seconds between two attempts to forward a port that another program uses, and between two requests for the ports of
#: containers with ``--network host``.
_RETRY_SECONDS = 1.0


def ignore_user_settings(folder: Path) -> None:
    """Let docker-py read an empty ``config.json`` in ``folder`` from now on, and not the user's.

    A client of the machine needs no settings; one that can't be made of damaged settings would forward no ports.
    """
    with suppress(OSError):  # a full disk
        (folder / "config.json").write_text("{}", encoding="utf-8")
        os.environ["DOCKER_CONFIG"] = str(folder)


class PortWatcher:
    """Keeps the forwards of ``ports`` equal to what the machine's daemon publishes, until it is stopped."""

    def __init__(self, certificates: Path, endpoint_port: int, ports: PortForwarder, agent: GuestAgent) -> None:
        self._endpoint = Endpoint(f"tcp://127.0.0.1:{endpoint_port}", certificates)
        self._ports = ports
        self._agent = agent
        #: The configured ports of each running container, by its id; they can't change.
        self._bindings: dict[str, Any] = {}
        self._published: dict[Port, Target] = {}
        self._uses_host_network = False
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._lock = threading.Lock()
        self._events = EventStream(lambda: closing(self._endpoint.client(timeout=3600)), _EVENTS, self._handle)

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
            # Also after an error that nobody expected, the next attempt may work; nothing else would forward the ports.
            with suppress(Exception):
                if self._ports.has_conflicts:
                    with closing(self._endpoint.client()) as client:
                        self._update(client)
                elif self._uses_host_network:
                    with self._lock:
                        self._run_on_loop(self._forward())

    def _handle(self, client: docker.DockerClient, event: dict[str, Any] | None) -> None:
        if event is not None and event["Action"] == "die":  # at once: the daemon's list takes a moment
            self._run_on_loop(self._ports.remove_container(event["Actor"]["ID"]))
        self._update(client)

    def _update(self, client: docker.DockerClient) -> None:
        with self._lock:
            containers = client.api.containers()
            self._bindings = self._bindings_of(containers, client)
            published = published_ports.of_containers(containers, self._bindings)
            if published_ports.has_service(containers):
                services: Any = client.api.services
                published |= published_ports.of_services(services())
            self._published, self._uses_host_network = published, host_network.is_used(containers)
            self._run_on_loop(self._forward())

    def _bindings_of(self, containers: list[dict[str, Any]], client: docker.DockerClient) -> dict[str, Any]:
        """Return the configured ports of the containers that may publish some; the daemon's list doesn't have them."""
        bindings: dict[str, Any] = {}
        for number in [container["Id"] for container in containers if published_ports.has_ports(container)]:
            if number in self._bindings:
                bindings[number] = self._bindings[number]
                continue
            with suppress(docker.errors.NotFound):  # it was removed a moment ago
                bindings[number] = client.api.inspect_container(number)["HostConfig"]["PortBindings"]
        return bindings

    async def _forward(self) -> None:
        listening = await host_network.listening(self._agent) if self._uses_host_network else {}
        await self._ports.update(listening | self._published)

    def _run_on_loop(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if self._stopped.is_set():
            coroutine.close()
            return
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)
