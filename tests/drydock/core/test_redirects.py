"""A redirect to another server, which gets no request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from drydock.core.endpoint import Endpoint
from drydock.core.ping import Unreachable, version


@contextmanager
def server(location: str | None) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of an HTTP server that redirects every request, and the requests that it got."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(307 if location else 200)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 (the server looks for this name)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.server_port}", asked
        finally:
            listener.shutdown()
            thread.join()


def test_a_client_follows_no_redirect() -> None:
    """Neither a question nor a command goes to the address that the answer names."""
    with server(None) as (other, asked_there), server(f"http://{other}/inside") as (address, asked):
        with closing(Endpoint(f"tcp://{address}")._client(5, "1.41")) as client:
            with pytest.raises(requests.TooManyRedirects):
                client.containers.get("web")
            with pytest.raises(requests.TooManyRedirects):
                client.api.create_container("busybox")
        assert len(asked) == 2
        assert asked_there == []


def test_a_server_that_redirects_is_no_daemon() -> None:
    """The search for a daemon goes on at the next address, and the reason names the redirect."""
    with server(None) as (other, asked_there), server(f"http://{other}/") as (address, _):
        with pytest.raises(Unreachable, match="Docker answered with a redirect"):
            version(Endpoint(f"tcp://{address}"))
        assert asked_there == []
