"""The measured tasks: four that students do all the time, and the phases of the first of them."""

from __future__ import annotations

import io
import os
import secrets
import tarfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import docker
from docker.errors import APIError, NotFound

from drydock.core.paths import LABEL
from drydock.core.tar_member import add_bytes

IMAGE = "drydock/busybox:1.37"
#: The value of the label on everything that this process creates, so that only that is removed.
OWNER = f"bench-{os.getpid()}"
LABELS = {LABEL: OWNER}
_FILTERS: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={OWNER}"}


def timed(task: Callable[[], object]) -> float:
    """Call a function and return how long it took, in seconds."""
    began = time.monotonic()
    task()
    return time.monotonic() - began


def run(client: docker.DockerClient) -> float:
    """Time a container that does nothing, from create to remove."""
    return timed(lambda: client.containers.run(IMAGE, "true", remove=True, labels=LABELS))


def run_phases(client: docker.DockerClient) -> dict[str, float]:
    """Time the phases of such a container, each one request to the daemon, by the names of their rows."""
    clock = [time.monotonic()]

    def lap() -> float:
        clock.append(time.monotonic())
        return clock[-1] - clock[-2]

    container = client.containers.create(IMAGE, "true", labels=LABELS)
    seconds = {"create_s": lap()}
    for name in ("start", "wait", "remove"):
        getattr(container, name)()
        seconds[f"{name}_s"] = lap()
    return seconds


def execute(client: docker.DockerClient) -> float:
    """Time a command that does nothing, in a running container."""
    container = client.containers.run(IMAGE, "sleep 600", detach=True, labels=LABELS)
    try:
        return timed(lambda: container.exec_run("true"))
    finally:
        container.remove(force=True)


def build(client: docker.DockerClient) -> float:
    """Time the build of a Dockerfile with three steps after FROM, without cache."""
    dockerfile = f"FROM {IMAGE}\nLABEL {LABEL}={OWNER}\nRUN echo one > /one\nRUN echo {secrets.token_hex(4)} > /two\n"
    options: dict[str, Any] = {"custom_context": True, "rm": True, "forcerm": True, "nocache": True}
    results: list[Any] = []
    seconds = timed(lambda: results.append(client.images.build(fileobj=_context(dockerfile), **options)))
    image, _ = results[0]
    client.images.remove(image.id, force=True)
    return seconds


def network(client: docker.DockerClient) -> float:
    """Time the creation and removal of a network."""
    return timed(lambda: client.networks.create(f"bench-{secrets.token_hex(4)}", labels=LABELS).remove())


#: The tasks that return seconds, by the names of their rows.
TASKS: dict[str, Callable[[docker.DockerClient], float]] = {
    "run_s": run,
    "exec_s": execute,
    "build_s": build,
    "network_s": network,
}


def remove_leftovers(client: docker.DockerClient) -> None:
    """Remove everything that an interrupted round left in a daemon."""
    with suppress(NotFound, APIError):
        for container in client.containers.list(all=True, ignore_removed=True, filters=_FILTERS):
            container.remove(force=True)
        for leftover in client.networks.list(filters=_FILTERS):
            leftover.remove()
        for image in client.images.list(filters=_FILTERS):
            client.images.remove(str(image.id), force=True)


def _context(dockerfile: str) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        add_bytes(archive, "Dockerfile", dockerfile.encode())
    buffer.seek(0)
    return buffer
