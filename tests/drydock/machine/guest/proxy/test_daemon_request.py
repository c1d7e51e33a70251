"""A request to the daemon is written in one form."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy.daemon_request import DaemonRequest


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (DaemonRequest("GET", (1, 45), "/info"),
        b"GET /v1.45/info HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"),
        (
            DaemonRequest("POST", (1, 41), "/containers/create", (("name", "a b&c"),), body=b"{}"),
            b"POST /v1.41/containers/create?name=a+b%26c HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        ),
        (
            DaemonRequest("POST", (1, 45), "/build", headers=(("X-Registry-Config", "e30="),), upload=True),
            b"POST /v1.45/build HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nX-Registry-Config: e30=\r\n"
            b"Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        (
            DaemonRequest("POST", (1, 45), "/grpc", hijack=True, upgrade="h2c"),
            b"POST /v1.45/grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
            b"Content-Length: 0\r\n\r\n",
        ),
    ],
)  # fmt: skip
def test_it_is_written(request_: DaemonRequest, text: bytes) -> None:
    """Without a body, with one, with one that follows, with a protocol that follows; none expects a second request."""
    assert request_.to_bytes() == text
