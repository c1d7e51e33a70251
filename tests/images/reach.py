"""What the tests of images that serve something share: their port on this computer, what it answers, what they say."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from contextlib import suppress

from docker.models.containers import Container

from drydock.core.waiting import wait_for


def port_of(container: Container, inside: int) -> int:
    """The port of this computer that leads to the container's, once Docker has chosen it."""

    def bound() -> int | None:
        container.reload()
        ports = container.attrs["NetworkSettings"]["Ports"].get(f"{inside}/tcp")
        return int(ports[0]["HostPort"]) if ports else None

    return wait_for(bound, f"port {inside} to be published", seconds=10)


def answer(
    url: str, *, user: str = "", method: str = "GET", accept: str = "*/*", data: bytes | None = None
) -> tuple[int, bytes]:
    """Status and body of an answer, waited for until something listens; ``user`` is ``name:password``."""
    request = urllib.request.Request(url, data, {"Accept": accept}, method=method)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())

    def asked() -> tuple[int, bytes] | None:
        with suppress(ConnectionError, urllib.error.URLError):
            try:
                with urllib.request.urlopen(request, timeout=10) as said:
                    return int(said.status), said.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()
        return None

    return wait_for(asked, f"an answer from {url}", seconds=30)


def status(url: str, *, user: str = "", method: str = "GET", accept: str = "*/*") -> int:
    """The status of an answer, waited for until something listens."""
    return answer(url, user=user, method=method, accept=accept)[0]


def told(container: Container, *command: str, **variables: str) -> tuple[int | None, str]:
    """The exit code of a command in a running container, and what it said."""
    code, said = container.exec_run(list(command), environment=variables)
    assert isinstance(said, bytes)
    return code, said.decode()
