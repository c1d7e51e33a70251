"""Talking to the daemon without a Docker client: a connection to its socket, and one HTTP request."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from drydock.core.endpoint import Endpoint
from drydock.errors import NoPlainSocket

_SECONDS = 60.0
#: Where the daemon's socket is on its own host, unless this computer knows better.
_USUAL_SOCKET = "/var/run/docker.sock"


def connect(endpoint: Endpoint) -> socket.socket:
    """Return a connection to the daemon's socket, with TLS where the address has certificates; the caller closes it.

    Raises :class:`~drydock.errors.NoPlainSocket` for an address that only a Docker client can use, such as ssh.
    """
    address = urlsplit(endpoint.host)
    if address.scheme in ("unix", "http+unix"):
        return _local(unquote(address.netloc if address.scheme == "http+unix" and address.netloc else address.path))
    if address.scheme not in ("tcp", "http", "https") or not address.hostname:
        raise NoPlainSocket(endpoint.host)
    default = 2375 if endpoint.certificates is None else 2376
    with _closed_on_error(socket.create_connection((address.hostname, address.port or default), _SECONDS)) as plain:
        if endpoint.certificates is None:
            return plain
        context = ssl.create_default_context(cafile=endpoint.certificates / "ca.pem")
        context.load_cert_chain(endpoint.certificates / "cert.pem", endpoint.certificates / "key.pem")
        return context.wrap_socket(plain, server_hostname=address.hostname)


def _local(path: str) -> socket.socket:
    with _closed_on_error(socket.socket(socket.AF_UNIX)) as local:
        local.settimeout(_SECONDS)
        local.connect(path)
        return local


@contextmanager
def _closed_on_error(connection: socket.socket) -> Iterator[socket.socket]:
    """Close a connection if the block raises."""
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


def request(
    endpoint: Endpoint, method: str, path: str, body: Mapping[str, Any] | None = None
) -> tuple[int, dict[str, Any] | None]:
    """Send one HTTP request to the daemon; return the status and the answer's JSON; None for an answer without any."""
    with closing(http.client.HTTPConnection("docker")) as connection:
        connection.sock = connect(endpoint)
        content = json.dumps(body) if body else None
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json and text else None


def socket_path(endpoint: Endpoint, daemon_host: str) -> str:
    """Return the path of the daemon's socket on the daemon's host, whose host name is ``daemon_host``."""
    address = urlsplit(endpoint.host)
    return address.path if address.scheme == "unix" and daemon_host == socket.gethostname() else _USUAL_SOCKET
