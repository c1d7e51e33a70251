"""The daemon is reached without a Docker client, through a Unix socket as over TCP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, UnixStreamServer

import pytest

from drydock.core.endpoint import Endpoint
from drydock.learn import daemon_http


class Daemon(BaseHTTPRequestHandler):
    """Answers a POST with its own body and 201, everything else with 204."""

    def do_POST(self) -> None:  # the name is http.server's
        """Answer with the body."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_DELETE(self) -> None:
        """Answer without a body."""
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""

    def address_string(self) -> str:
        """Return no address: a Unix socket's client has none."""
        return ""


@pytest.fixture(params=["unix", "tcp"])
def endpoint(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Endpoint]:
    """The address of a small HTTP server."""
    path = str(tmp_path / "d.sock")
    server = UnixStreamServer(path, Daemon) if request.param == "unix" else TCPServer(("127.0.0.1", 0), Daemon)
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Endpoint(f"unix://{path}" if request.param == "unix" else f"tcp://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
        thread.join()


def test_a_request_returns_status_and_json(endpoint: Endpoint) -> None:
    """The body goes there as JSON, and comes back with the status; an answer without a body is None."""
    assert daemon_http.request(endpoint, "POST", "/echo", {"Image": "x"}) == (201, {"Image": "x"})
    assert daemon_http.request(endpoint, "DELETE", "/echo") == (204, None)


def test_a_connection_is_a_plain_socket(endpoint: Endpoint) -> None:
    """What is sent over it byte by byte is answered."""
    with daemon_http.connect(endpoint) as connection:
        connection.sendall(b"DELETE / HTTP/1.1\r\nHost: docker\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.0 204")


def test_the_socket_on_the_daemons_host() -> None:
    """A local daemon's own path is used; a daemon on another host has its socket where it usually is."""
    local = Endpoint("unix:///run/user/1000/docker.sock")
    assert daemon_http.socket_path(local, socket.gethostname()) == "/run/user/1000/docker.sock"
    assert daemon_http.socket_path(local, "docker-desktop") == "/var/run/docker.sock"
    assert daemon_http.socket_path(Endpoint("tcp://127.0.0.1:2376"), socket.gethostname()) == "/var/run/docker.sock"
