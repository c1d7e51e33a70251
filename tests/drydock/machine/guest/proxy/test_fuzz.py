"""What the daemon received is what was authorized, whatever was asked: 2,000 requests by day, 100,000 at night."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from drydock.machine.guest.proxy import http_head
from drydock.machine.guest.proxy.authorization import TABLE, authorize
from drydock.machine.guest.proxy.daemon_request import DaemonRequest
from drydock.machine.guest.proxy.http_body import body_of
from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.allowed import violations
from tests.drydock.machine.guest.proxy.random_requests import Requests
from tests.drydock.machine.guest.proxy.recording_daemon import Received
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, OWN, WORK, scope
from tests.drydock.machine.guest.proxy.test_proxy_server import Way, serving

_OFTEN = settings(max_examples=2_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))


class Expected(NamedTuple):
    """What a request comes to, by the proxy's pure functions: a request and its body, or neither."""

    request: DaemonRequest | None
    body: bytes
    complete: bool


def expected(raw: bytes) -> Expected:
    """Return what should arrive for the bytes of a client."""
    try:
        length = http_head.end(raw)
        if not length:
            return Expected(None, b"", False)
        head = http_head.parse(raw[:length])
        match = TABLE.find(head.method, head.path)
        body = body_of(head)
        content = body.feed(raw[length:])
        if not body.done and not match.endpoint.upload:
            return Expected(None, b"", False)
        request = authorize(match, head, b"" if match.endpoint.upload else content, scope())
        return Expected(request, content if request.upload else request.body or b"", body.done)
    except Refused:
        return Expected(None, b"", True)


def made(random: Random) -> bytes:
    """Return the bytes of a request for the recording daemon."""
    names = {"own": OWN, "kernel": KERNEL, "kernel_short": KERNEL[:12], "work": WORK.path, "network": "back"}
    raw = Requests(random).make()
    for name, value in names.items():
        raw = raw.replace(b"{%b}" % name.encode(), value.encode())
    return raw


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    """A proxy in front of a daemon that keeps what it receives."""
    with serving(tmp_path) as running:
        yield running


@pytest.mark.slow
@_OFTEN
@given(some.randoms(use_true_random=False))
def test_by_day(way: Way, random: Random) -> None:
    """Two thousand requests."""
    check(way, made(random))


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_at_night(way: Way) -> None:
    """A hundred thousand, by the numbers of their generators, so that each can be made again."""
    for seed in range(100_000):
        try:
            check(way, made(Random(seed)))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def check(way: Way, raw: bytes) -> None:
    """Send a request, and compare what arrived with what was authorized and with what is allowed."""
    way.daemon.received.clear()
    should = expected(raw)
    answer = sent(way, raw, should)
    arrived = list(way.daemon.received)
    if should.request is None or not should.complete:
        assert arrived == []
        assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 503"))
        return
    assert len(arrived) == 1
    assert violations(arrived[0]) == []
    assert_equal(arrived[0], should.request, should.body)


def sent(way: Way, raw: bytes, should: Expected) -> bytes:
    """Return the answer to a request; a client whose request is incomplete hangs up."""
    with way.connect() as line:
        with suppress(OSError):
            line.sendall(raw)
        hijacked = should.request is not None and should.request.upgrade
        if hijacked or not should.complete:
            line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            return b"".join(iter(lambda: line.recv(65536), b""))
        return b""


def assert_equal(arrived: Received, request: DaemonRequest, body: bytes) -> None:
    """Compare the values that another parser read with the authorized values."""
    assert arrived.method == request.method
    assert arrived.path == f"/v{request.version[0]}.{request.version[1]}{request.path}"
    assert urlencode(arrived.query) == urlencode(request.query)
    assert arrived.body == body
    given_headers = {(name, value) for name, value in arrived.headers if name.startswith("X-")}
    assert given_headers == set(request.headers)
