"""Helpers for tests of images with a server: the published port, HTTP requests to it, commands in the container."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from contextlib import suppress

from docker.models.containers import Container

from drydock.core.waiting import wait_for


def port_of(container: Container, inside: int) -> int:
    """Return the published port of a container's port; wait until Docker has chosen it."""

    def published() -> int | None:
        container.reload()
        ports = container.attrs["NetworkSettings"]["Ports"].get(f"{inside}/tcp")
        return int(ports[0]["HostPort"]) if ports else None

    return wait_for(published, f"port {inside} to be published", seconds=60)


def answer(
    url: str, *, user: str = "", method: str = "GET", accept: str = "*/*", data: bytes | None = None
) -> tuple[int, bytes]:
    """Send a request, again until a server listens; return status and body. ``user`` is ``name:password``."""
    request = urllib.request.Request(url, data, {"Accept": accept}, method=method)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())

    def response() -> tuple[int, bytes] | None:
        with suppress(ConnectionError, urllib.error.URLError):
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:
                    return int(reply.status), reply.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()
        return None

    return wait_for(response, f"an answer from {url}", seconds=60)


def status(url: str, *, user: str = "", method: str = "GET", accept: str = "*/*") -> int:
    """Send a request, again until a server listens; return the status of the response."""
    return answer(url, user=user, method=method, accept=accept)[0]


def execute(container: Container, *command: str, **variables: str) -> tuple[int | None, str]:
    """Run a command in a running container; return its exit code and its output."""
    code, output = container.exec_run(list(command), environment=variables)
    assert isinstance(output, bytes)
    return code, output.decode()
