"""Asking ports of the host."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from drydock.errors import TimedOut
from drydock.learn import host_ports


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a page")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_a_page_is_fetched_and_a_closed_port_answers_nothing() -> None:
    """A web server's page comes; after its end nothing answers."""
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        port = server.server_address[1]
        try:
            assert host_ports.fetch(port) == "a page"
        finally:
            server.shutdown()
    assert not host_ports.answers(port)


def test_waiting_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has what was waited for, and the command that shows why nothing came."""
    monkeypatch.setattr(host_ports, "_SECONDS", 0.1)
    with pytest.raises(TimedOut, match="an answer at port 9") as raised:
        host_ports.fetch(9)
    assert "`docker ps` lists the containers that run" in str(raised.value)


def test_udp_is_asked_until_it_answers() -> None:
    """The answer of a UDP server comes back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        threading.Thread(target=lambda: server.sendto(b"yes", server.recvfrom(10)[1]), daemon=True).start()
        assert host_ports.ask_udp(server.getsockname()[1], b"well?") == b"yes"
