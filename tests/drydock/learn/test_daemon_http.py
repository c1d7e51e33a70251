"""The daemon is reached without a Docker client, through a Unix socket as over TCP."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, UnixStreamServer
from urllib.parse import quote

import pytest

from drydock.core.endpoint import Endpoint
from drydock.errors import NoPlainSocket
from drydock.learn import daemon_http


class Daemon(BaseHTTPRequestHandler):
    """Answers a POST with its own body and 201, a GET with text, a DELETE with 204."""

    def do_POST(self) -> None:  # the name is http.server's
        """Answer with the body."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Answer with text, as the daemon answers a ping."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"OK")

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


def test_an_answer_that_is_no_json_has_a_status(endpoint: Endpoint) -> None:
    """A ping is answered with text."""
    assert daemon_http.request(endpoint, "GET", "/_ping") == (200, None)


def test_the_address_of_a_socket_has_two_forms(tmp_path: Path) -> None:
    """docker-py writes http+unix, with the path in the place of the host or behind it."""
    path = tmp_path / "d.sock"
    with UnixStreamServer(str(path), Daemon):
        for address in (f"http+unix://{path}", f"http+unix://{quote(str(path), safe='')}"):
            daemon_http.connect(Endpoint(address)).close()


@pytest.mark.parametrize("host", ["ssh://ada@lab", "npipe:////./pipe/docker_engine", "fd://", ""])
def test_an_address_of_another_kind_has_a_message(host: str) -> None:
    """No address is taken for a host name with port 0."""
    with pytest.raises(NoPlainSocket):
        daemon_http.connect(Endpoint(host))


def test_a_failed_connection_is_closed(tmp_path: Path) -> None:
    """Neither a missing socket nor a missing certificate leaves an open socket, which Python would warn about."""
    with pytest.raises(FileNotFoundError):
        daemon_http.connect(Endpoint(f"unix://{tmp_path}/none.sock"))
    with TCPServer(("127.0.0.1", 0), Daemon) as server, pytest.raises(FileNotFoundError):
        daemon_http.connect(Endpoint(f"tcp://127.0.0.1:{server.server_address[1]}", tmp_path))
    gc.collect()


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
