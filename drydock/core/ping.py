"""Does a daemon answer at this address? Asked quickly, answered in words a person can use."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import requests
import urllib3

from drydock.core.endpoint import Endpoint

#: Longer than any healthy daemon takes, short enough to ask several that are not there; seconds.
QUICK = 3.0

_TO_JOIN = "an administrator can add you to its group with `sudo usermod -aG docker $USER`; then log in again"


class Silent(Exception):
    """No daemon answers there; ``str()`` says what was seen."""


def version(endpoint: Endpoint, seconds: float = QUICK) -> dict[str, Any]:
    """What the daemon says of its version, or :class:`Silent` with the reason why it says nothing."""
    try:
        _knock(endpoint.host, seconds)
        with closing(endpoint.client(timeout=seconds)) as client:
            answer: dict[str, Any] = client.version()
    except (docker.errors.DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise Silent(explain(endpoint.host, error)) from None
    except ImportError as error:
        raise Silent(f"docker-py can't go there: {error}") from None
    return answer


def _knock(host: str, seconds: float) -> None:
    """Open a socket file and close it again: docker-py would leave it open when that fails."""
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(seconds)
            door.connect(host.removeprefix("unix://"))


def explain(host: str, error: BaseException) -> str:
    """The innermost cause that a person can act on, in one sentence."""
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case PermissionError():
                return f"there is a daemon's socket, but you may not use it ({host}): permission denied; {_TO_JOIN}"
            case FileNotFoundError():
                missing = getattr(cause, "filename", None)
                return f"there is no file {missing}" if missing else f"there is no socket at {host}"
            case ConnectionRefusedError():
                return f"nothing listens at {host}"
            case socket.gaierror():
                return f"the name in {host} is unknown here"
            case ssl.SSLError():
                return f"{host} and we do not trust each other (TLS: {cause})"
            case TimeoutError() | requests.Timeout():
                return f"{host} did not answer within {QUICK:.0f} s"
    text = " ".join(str(causes[-1]).split())
    if "HTTP request to an HTTPS server" in " ".join(map(str, causes)):
        return f"{host} speaks TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder of its certificates"
    return f"{host} did not answer as a Docker daemon does: {text[:200]}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it came from. Libraries hide the cause in ``args``, ``reason`` or the chain."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]
