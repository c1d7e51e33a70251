"""Talking to the daemon without a Docker client: a connection to its socket, and one HTTP request."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from drydock.core.endpoint import Endpoint

_SECONDS = 60.0
#: Where the daemon's socket is on its own host, unless this computer knows better.
_USUAL_SOCKET = "/var/run/docker.sock"


def connect(endpoint: Endpoint) -> socket.socket:
    """Return a connection to the daemon's socket, with TLS where the address has certificates; the caller closes it."""
    address = urlsplit(endpoint.host)
    if address.scheme == "unix":
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(_SECONDS)
        local.connect(address.path)
        return local
    connection = socket.create_connection((address.hostname, address.port), timeout=_SECONDS)
    if endpoint.certificates is None:
        return connection
    context = ssl.create_default_context(cafile=endpoint.certificates / "ca.pem")
    context.load_cert_chain(endpoint.certificates / "cert.pem", endpoint.certificates / "key.pem")
    return context.wrap_socket(connection, server_hostname=address.hostname)


def request(
    endpoint: Endpoint, method: str, path: str, body: Mapping[str, Any] | None = None
) -> tuple[int, dict[str, Any] | None]:
    """Send one HTTP request to the daemon; return the status and the answer's JSON object, if it has one."""
    with closing(http.client.HTTPConnection("docker")) as connection:
        connection.sock = connect(endpoint)
        content = json.dumps(body) if body else None
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")


def socket_path(endpoint: Endpoint, daemon_host: str) -> str:
    """Return the path of the daemon's socket on the daemon's host, whose host name is ``daemon_host``."""
    address = urlsplit(endpoint.host)
    return address.path if address.scheme == "unix" and daemon_host == socket.gethostname() else _USUAL_SOCKET
