"""What is timed: the four things a student does all the time, and the parts of the first of them."""

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

IMAGE = "drydock/busybox:1.37"
#: The label of whatever this run makes, so that it, and nothing else, is taken away.
OWNER = f"bench-{os.getpid()}"
LABELS = {LABEL: OWNER}
_OURS: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={OWNER}"}


def timed(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def run(client: docker.DockerClient) -> float:
    """A container that does nothing, from create to removed."""
    return timed(lambda: client.containers.run(IMAGE, "true", remove=True, labels=LABELS))


def parts(client: docker.DockerClient) -> dict[str, float]:
    """The same taken apart, by the names of the figures: what of it goes to which of the daemon's answers."""
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
    """A command that does nothing, in a container that runs."""
    container = client.containers.run(IMAGE, "sleep 600", detach=True, labels=LABELS)
    try:
        return timed(lambda: container.exec_run("true"))
    finally:
        container.remove(force=True)


def build(client: docker.DockerClient) -> float:
    """A Dockerfile of three steps after FROM, none of them cached."""
    dockerfile = f"FROM {IMAGE}\nLABEL {LABEL}={OWNER}\nRUN echo one > /one\nRUN echo {secrets.token_hex(4)} > /two\n"
    options: dict[str, Any] = {"custom_context": True, "rm": True, "forcerm": True, "nocache": True}
    built: list[Any] = []
    seconds = timed(lambda: built.append(client.images.build(fileobj=_context(dockerfile), **options)))
    client.images.remove(built[0][0].id, force=True)
    return seconds


def network(client: docker.DockerClient) -> float:
    """A network of one's own, made and removed."""
    return timed(lambda: client.networks.create(f"bench-{secrets.token_hex(4)}", labels=LABELS).remove())


#: The rows that are nothing but seconds, by the name of their figure.
TIMES: dict[str, Callable[[docker.DockerClient], float]] = {
    "run_s": run,
    "exec_s": execute,
    "build_s": build,
    "network_s": network,
}


def sweep(client: docker.DockerClient) -> None:
    """Remove what an interrupted round left in a daemon."""
    with suppress(NotFound, APIError):
        for container in client.containers.list(all=True, filters=_OURS):
            container.remove(force=True)
        for one in client.networks.list(filters=_OURS):
            one.remove()
        for image in client.images.list(filters=_OURS):
            client.images.remove(str(image.id), force=True)


def _context(dockerfile: str) -> io.BytesIO:
    data, buffer = dockerfile.encode(), io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    buffer.seek(0)
    return buffer
