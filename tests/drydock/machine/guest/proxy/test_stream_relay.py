"""Bytes pass between two connected sockets as far as they may, and no further."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from drydock.machine.guest.proxy.http_body import ChunkedBody, LengthBody
from drydock.machine.guest.proxy.stream_relay import Hijacked, Limits, Nothing, Relay, Uplink, Upload

SOON = Limits(seconds=20)


class Passing:
    """A relay in a thread, with the outer ends of both connections."""

    def __init__(self, uplink: Uplink, first: bytes = b"", limits: Limits = SOON) -> None:
        self.client, inner_client = socket.socketpair()
        self.daemon, inner_daemon = socket.socketpair()
        self.client.settimeout(20)
        self.daemon.settimeout(20)
        self.caller, self._caller_end = os.pipe()
        self._inner = (inner_client, inner_daemon)
        self._relay = Relay(inner_client, inner_daemon, uplink, limits)
        self._thread = threading.Thread(target=self._run, args=[first])
        self._thread.start()

    def _run(self, first: bytes) -> None:
        with self._inner[0], self._inner[1], suppress(OSError):
            self._relay.run(first, self.caller)

    def end_caller(self) -> None:
        """End the process that has connected."""
        os.write(self._caller_end, b"x")

    def over(self) -> None:
        """Wait until the relay has ended."""
        self._thread.join(20)
        assert not self._thread.is_alive()

    def close(self) -> None:
        """Close what is open."""
        self.client.close()
        self.daemon.close()
        self.over()
        os.close(self.caller)
        os.close(self._caller_end)


@pytest.fixture
def passing() -> Iterator[list[Passing]]:
    """The relays of a test, closed after it."""
    made: list[Passing] = []
    yield made
    for pair in made:
        pair.close()


def all_of(line: socket.socket) -> bytes:
    """Return what comes up to the end."""
    return b"".join(iter(lambda: line.recv(65536), b""))


def test_an_answer_passes_as_it_is(passing: list[Passing]) -> None:
    """Up to the daemon's end; what the client sends after its request reaches nobody."""
    passing.append(pair := Passing(Nothing(), b"GET /second HTTP/1.1\r\n\r\n"))
    pair.client.sendall(b"GET /third HTTP/1.1\r\n\r\n")
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1_000_000)
    writer = threading.Thread(target=_write_all, args=[pair.daemon, answer])
    writer.start()
    assert all_of(pair.client) == answer
    writer.join()
    pair.over()
    assert all_of(pair.daemon) == b""


def test_a_client_that_goes_ends_a_request(passing: list[Passing]) -> None:
    """Nobody waits for the answer of a `wait` that nobody reads."""
    passing.append(pair := Passing(Nothing()))
    pair.client.close()
    pair.over()
    assert all_of(pair.daemon) == b""


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (LengthBody(3_000_000), bytes(3_000_000)),
        (ChunkedBody(), b"".join(b"2710\r\n" + bytes(10_000) + b"\r\n" for _ in range(300)) + b"0\r\n\r\n"),
        (LengthBody(0), b""),
    ],
)
def test_an_upload_passes_in_chunks_of_our_own(
    passing: list[Passing], body: LengthBody | ChunkedBody, sent: bytes
) -> None:
    """Both ways at a time, and nothing after its end."""
    size = 0 if sent == b"" else 3_000_000
    passing.append(pair := Passing(Upload(body)))
    writer = threading.Thread(target=pair.client.sendall, args=[sent + b"GET /second HTTP/1.1\r\n\r\n"])
    writer.start()
    stream = pair.daemon.makefile("rb")
    content = b""
    while length := int(stream.readline(), 16):
        content += stream.read(length)
        assert stream.readline() == b"\r\n"
        pair.daemon.sendall(b"x")
    assert (content, stream.readline()) == (bytes(size), b"\r\n")
    writer.join()
    pair.daemon.shutdown(socket.SHUT_WR)
    assert set(all_of(pair.client)) <= set(b"x")
    pair.over()
    assert stream.read() == b""
    stream.close()


def test_a_stream_may_end_on_one_side(passing: list[Passing]) -> None:
    """As `docker exec -i` does with its input; the daemon may still send."""
    passing.append(pair := Passing(Hijacked(upgrade=False), b"fir"))
    pair.client.sendall(b"st")
    pair.client.shutdown(socket.SHUT_WR)
    assert all_of(pair.daemon) == b"first"
    pair.daemon.sendall(b"last words")
    pair.daemon.close()
    assert all_of(pair.client) == b"last words"
    pair.over()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 10", b"HTTP/1.1 1011 x"])
def test_without_the_switch_the_daemon_gets_nothing(passing: list[Passing], answer: bytes) -> None:
    """It still reads HTTP on a connection that it did not give over, so the stream would be a request of its own."""
    passing.append(pair := Passing(Hijacked(upgrade=True), b"POST /containers/create HTTP/1.1\r\n"))
    pair.client.sendall(b"\r\n")
    pair.client.shutdown(socket.SHUT_WR)
    pair.daemon.sendall(answer)
    pair.daemon.shutdown(socket.SHUT_WR)
    assert all_of(pair.client) == answer
    pair.over()
    assert all_of(pair.daemon) == b""


def test_with_the_switch_it_gets_what_has_waited(passing: list[Passing]) -> None:
    """Also where its answer comes in pieces, and the client has ended its side before."""
    passing.append(pair := Passing(Hijacked(upgrade=True), b"fir"))
    pair.client.sendall(b"st")
    pair.client.shutdown(socket.SHUT_WR)
    for piece in (b"HTTP/1.1 ", b"101 UPGRADED\r\n\r\n"):
        pair.daemon.sendall(piece)
    assert all_of(pair.daemon) == b"first"
    pair.daemon.close()
    assert all_of(pair.client) == b"HTTP/1.1 101 UPGRADED\r\n\r\n"
    pair.over()


def test_a_connection_ends_with_the_process_that_opened_it(passing: list[Passing]) -> None:
    """It is of no use to another process that it was passed to."""
    passing.append(pair := Passing(Hijacked(upgrade=False)))
    pair.client.sendall(b"before")
    assert pair.daemon.recv(100) == b"before"
    pair.end_caller()
    pair.over()
    assert all_of(pair.client) == all_of(pair.daemon) == b""


@pytest.mark.parametrize(
    ("limits", "up", "down"), [(Limits(upload=1000), 5000, 0), (Limits(download=1000), 0, 200_000)]
)
def test_bytes_are_bounded(passing: list[Passing], limits: Limits, up: int, down: int) -> None:
    """More than a limit ends the connection, in either direction."""
    passing.append(pair := Passing(Hijacked(upgrade=False), limits=limits))
    with suppress(OSError):
        pair.client.sendall(bytes(up))
        pair.daemon.sendall(bytes(down))
    pair.over()
    assert len(all_of(pair.client)) < 200_000
    assert not up or len(all_of(pair.daemon)) < up


def test_time_is_bounded_whatever_drips(passing: list[Passing]) -> None:
    """A byte now and then does not make it longer."""
    passing.append(pair := Passing(Hijacked(upgrade=False), limits=Limits(seconds=0.5)))
    began = time.monotonic()
    with suppress(OSError):
        while time.monotonic() < began + 10:
            pair.daemon.sendall(b"x")
            pair.client.recv(1)
    pair.over()
    assert time.monotonic() - began < 5


def test_time_is_bounded_while_bytes_wait(passing: list[Passing]) -> None:
    """A sender that never pauses does not make it longer either: after the deadline nothing passes."""
    passing.append(pair := Passing(Hijacked(upgrade=False), first=b"late", limits=Limits(seconds=0)))
    pair.over()
    assert all_of(pair.daemon) == b""


def test_who_does_not_read_holds_nobody_up(passing: list[Passing]) -> None:
    """The client's input still passes while its output waits."""
    passing.append(pair := Passing(Hijacked(upgrade=False)))
    writer = threading.Thread(target=_write_until_closed, args=[pair.daemon])
    writer.start()
    pair.client.sendall(bytes(100_000))
    read = 0
    while read < 100_000:
        read += len(pair.daemon.recv(65536))
    pair.client.close()
    pair.over()
    writer.join()


def _write_all(line: socket.socket, text: bytes) -> None:
    line.sendall(text)
    line.shutdown(socket.SHUT_WR)


def _write_until_closed(line: socket.socket) -> None:
    with suppress(OSError):
        while True:
            line.sendall(bytes(65536))
