"""Copying bytes between a client and the daemon, after a request was validated and written anew.

The daemon gets the content of one upload, in chunks that the proxy makes, or the bytes of another protocol once it has
switched to that. The client gets the daemon's answer unchanged. Bytes and time have limits.
"""

from __future__ import annotations

import select
import socket
import time
from typing import NamedTuple, Protocol

from drydock.machine.guest.proxy.http_body import Body

_BLOCK = 64 << 10
_CLOSED = select.POLLHUP | select.POLLERR
#: The beginning of the daemon's answer when it switches to another protocol.
_SWITCHES = b"HTTP/1.1 101 "


class Limits(NamedTuple):
    """The limits of one connection: bytes from and to the client, and seconds for all of it."""

    upload: int = 2 << 30
    download: int = 4 << 30
    seconds: float = 3600


class Uplink(Protocol):
    """The treatment of bytes that a client sends after its request.

    With ``after_switch``, the daemon gets them only if its answer is that it switches to another protocol.
    """

    after_switch: bool

    def feed(self, received: bytes) -> bytes:
        """Return the bytes for the daemon."""
        ...

    def end(self) -> bool:
        """Return whether the daemon may still send after the client has closed its side."""
        ...


class Nothing:
    """No upload. Further bytes are dropped, because a connection has only one request."""

    after_switch = False

    def feed(self, received: bytes) -> bytes:
        """Return nothing."""
        return b""

    def end(self) -> bool:
        """Return False: the client has gone."""
        return False


class Hijacked:
    """A hijacked connection.

    With an upgrade the daemon keeps the connection, and if it does not switch, it would read the stream as a request.
    Without one, it closes the connection.
    """

    def __init__(self, upgrade: bool) -> None:
        self.after_switch = upgrade

    def feed(self, received: bytes) -> bytes:
        """Return the same bytes."""
        return received

    def end(self) -> bool:
        """Return True: a command may still have output after its input has ended."""
        return True


class Upload:
    """The content of a body, in chunks."""

    after_switch = False

    def __init__(self, body: Body) -> None:
        self._body = body
        self._complete = False

    def feed(self, received: bytes) -> bytes:
        """Return a chunk with the content, and the end of the body after the last one."""
        if self._complete:
            return b""
        content = self._body.feed(received)
        self._complete = self._body.done
        chunk = b"%x\r\n%b\r\n" % (len(content), content) if content else b""
        return chunk + (b"0\r\n\r\n" if self._complete else b"")

    def end(self) -> bool:
        """Return False: the client has gone."""
        return False


class Relay:
    """Two connected sockets, and the bytes on their way between them."""

    def __init__(self, client: socket.socket, daemon: socket.socket, uplink: Uplink, limits: Limits) -> None:
        self._client, self._daemon, self._uplink = client, daemon, uplink
        self._up_allowed, self._down_allowed = limits.upload, limits.download
        self._deadline = time.monotonic() + limits.seconds
        self._up, self._down, self._answer = bytearray(), bytearray(), b""
        self._client_ended = self._daemon_ended = self._shut = False

    def run(self, first: bytes, caller_ended: int) -> None:
        """Copy bytes until one side has ended, a limit is reached, or the descriptor ``caller_ended`` is readable.

        ``first`` was received from the client already, after the head of its request.
        """
        self._client.setblocking(False)
        self._daemon.setblocking(False)
        self._take(first)
        while not self._is_over():
            events = self._wait(caller_ended)
            if not events or caller_ended in events:
                return
            self._pass(events.get(self._client.fileno(), 0), events.get(self._daemon.fileno(), 0))

    def _is_over(self) -> bool:
        if self._up_allowed < 0 or self._down_allowed < 0:
            return True
        if time.monotonic() >= self._deadline:  # poll() returns events as long as bytes can pass
            return True
        if self._daemon_ended:
            return not self._down
        if self._client_ended and not self._up and not self._shut:
            if not self._uplink.end():
                return not self._down
            self._daemon.shutdown(socket.SHUT_WR)
            self._shut = True
        return False

    def _wait(self, caller_ended: int) -> dict[int, int]:
        poll = select.poll()
        poll.register(caller_ended, select.POLLIN)
        read_client = select.POLLIN if len(self._up) < _BLOCK and not self._client_ended else 0
        if read_client or self._down or not self._client_ended:
            poll.register(self._client, read_client | (select.POLLOUT if self._down else 0))
        read_daemon = select.POLLIN if len(self._down) < _BLOCK and not self._daemon_ended else 0
        if not self._daemon_ended:
            poll.register(self._daemon, read_daemon | (select.POLLOUT if self._may_send() else 0))
        return dict(poll.poll(max(0.0, self._deadline - time.monotonic()) * 1000))

    def _pass(self, client: int, daemon: int) -> None:
        if daemon & select.POLLOUT:
            del self._up[: self._daemon.send(self._up)]
        if client & select.POLLOUT:
            del self._down[: self._client.send(self._down)]
        if client & (select.POLLIN | _CLOSED) and not self._client_ended:
            self._take(received := self._client.recv(_BLOCK))
            self._client_ended = not received
        if daemon & (select.POLLIN | _CLOSED):
            self._down += (received := self._daemon.recv(_BLOCK))
            self._down_allowed -= len(received)
            self._daemon_ended = not received
            self._hear(received)

    def _hear(self, received: bytes) -> None:
        """Keep the beginning of the answer; drop bytes that waited for a switch, if the daemon does not switch."""
        self._answer += received[: len(_SWITCHES) - len(self._answer)]
        if self._uplink.after_switch and not _SWITCHES.startswith(self._answer):
            self._up.clear()
            self._uplink = Nothing()

    def _may_send(self) -> bool:
        return bool(self._up) and (self._answer == _SWITCHES or not self._uplink.after_switch)

    def _take(self, received: bytes) -> None:
        self._up_allowed -= len(received)
        self._up += self._uplink.feed(received)
