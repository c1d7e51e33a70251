"""A quick request to a daemon, whose failures are explained in words that a person can act on."""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from drydock.core import cli_errors
from drydock.core.endpoint import Endpoint

#: Longer than any healthy daemon takes, and short enough to try several addresses; seconds.
TIMEOUT = 3.0
#: The whole answer may take so many times the wait for its next byte: a server that is no daemon may never end it.
_TIMES_ALL = 5

_JOIN_GROUP = "an administrator can add you to its group with `sudo usermod -aG docker $USER`; then log in again"


class Unreachable(Exception):
    """No daemon answers at an address; the message is the reason."""


def version(endpoint: Endpoint, seconds: float = TIMEOUT) -> dict[str, Any]:
    """Return the daemon's answer to ``docker version``, or raise :class:`Unreachable`."""
    try:
        _check_socket(endpoint.host, seconds)
        return _answer(endpoint, seconds)
    except ImportError as error:
        raise Unreachable(f"docker-py can't connect to this kind of address: {error}") from None
    except Exception as error:
        # A connection by ssh that ends is an EOFError.
        if isinstance(error, OSError | EOFError) or cli_errors.is_of_a_request(error):
            raise Unreachable(reason(endpoint.host, error)) from None
        if isinstance(error, ValueError):
            raise Unreachable(f"{endpoint.host} is not an address: {error}") from None
        raise


def _answer(endpoint: Endpoint, seconds: float) -> dict[str, Any]:
    """Return the daemon's answer; raise :class:`Unreachable` when it does not end.

    A socket's timeout starts anew with each byte. So a thread reads the answer, and nobody waits for its end: it has a
    limit of bytes, and this process can exit before.
    """
    import docker  # noqa: F401 (takes longer than most commands take to run, and no part of the answer's time)

    answer: Future[dict[str, Any]] = Future()

    def read() -> None:
        try:
            answer.set_result(endpoint.version(seconds))
        except BaseException as error:
            answer.set_exception(error)

    thread = threading.Thread(target=read, name="drydock-ping", daemon=True)
    thread.start()
    thread.join(seconds * _TIMES_ALL)
    if not answer.done():
        raise Unreachable(f"{_not_docker(endpoint.host)} it did not end within {seconds * _TIMES_ALL:.0f} s")
    return answer.result()


def _check_socket(host: str, seconds: float) -> None:
    """Connect to a Unix socket and close it: docker-py leaves its own socket open if connecting fails."""
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(host.removeprefix("unix://"))


def reason(host: str, error: BaseException) -> str:
    """Return the innermost cause of an error that a person can act on, in one sentence."""
    import requests

    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case PermissionError():
                return f"there is a daemon's socket, but you may not use it ({host}): permission denied; {_JOIN_GROUP}"
            case FileNotFoundError():
                file = getattr(cause, "filename", None)
                return f"there is no file {file}" if file else f"there is no socket at {host}"
            case ConnectionRefusedError():
                return f"nothing listens at {host}"
            case socket.gaierror():
                return f"the host name in {host} can't be resolved"
            case ssl.SSLError():
                return f"the TLS connection to {host} failed, so check its certificates: {cause}"
            case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH | errno.ENETDOWN | errno.EHOSTDOWN):
                return f"there is no way to {host}: {cause.strerror}"
            case TimeoutError() | requests.Timeout():
                return f"{host} did not answer within {TIMEOUT:.0f} s"
    text = " ".join(str(causes[-1]).split()) or type(causes[-1]).__name__
    if "SSHHTTPAdapter" in text:  # docker-py's class for ssh exists only with paramiko
        return f"{host} needs a Python package that is not installed: pip install 'docker[ssh]'"
    if "HTTP request to an HTTPS server" in " ".join(map(str, causes)):
        return f"{host} uses TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder of its certificates"
    return f"{_not_docker(host)} {text[:200]}"


def _not_docker(host: str) -> str:
    return f"the answer from {host} is not a Docker daemon's:"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all its causes; libraries keep them in ``args``, ``reason`` or the exception chain."""
    queue, visited = [error], set()
    while queue:
        current = queue.pop(0)
        if id(current) in visited:
            continue
        visited.add(id(current))
        yield current
        causes = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        queue += [cause for cause in causes if isinstance(cause, BaseException)]
