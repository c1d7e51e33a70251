"""The body of a client's request: its length, and its content, which arrives in pieces."""

from __future__ import annotations

import re
from typing import TypeAlias

from drydock.machine.guest.proxy.http_head import Head
from drydock.machine.guest.proxy.refusal import BAD_REQUEST, Refused

_SIZE = re.compile(rb"0*([0-9A-Fa-f]{1,7})\r\n")
_PART_OF_SIZE = re.compile(rb"0*[0-9A-Fa-f]{0,7}(?:\Z|(?<=[0-9A-Fa-f])\r(?:\n|\Z))")
_LONGEST_SIZE = 20


class LengthBody:
    """A body of a known length."""

    def __init__(self, length: int) -> None:
        self._remaining = length
        self.done = length == 0
        #: Bytes received after the body.
        self.surplus = b""

    def feed(self, received: bytes) -> bytes:
        """Return the content in the received bytes."""
        content = received[: self._remaining]
        self.surplus += received[self._remaining :]
        self._remaining -= len(content)
        self.done = self._remaining == 0
        return content


class ChunkedBody:
    """A body in chunks, without extensions and trailers."""

    def __init__(self) -> None:
        self._pending = b""
        self._remaining = 0
        self._first = True
        self.done = False
        self.surplus = b""

    def feed(self, received: bytes) -> bytes:
        """Return the content in the received bytes."""
        self._pending += received
        content = []
        while not self.done:
            if self._remaining == 0 and not self._next_chunk():
                break
            content.append(self._pending[: self._remaining])
            self._pending = self._pending[self._remaining :]
            self._remaining -= len(content[-1])
            if self._remaining:
                break
        if self.done:
            self.surplus += self._pending
            self._pending = b""
        return b"".join(content)

    def _next_chunk(self) -> bool:
        """Read the size of the next chunk; return False if it is incomplete or the last one."""
        end = b"" if self._first else b"\r\n"
        line = self._pending[: len(end) + _LONGEST_SIZE]
        if not line.startswith(end[: len(line)]):
            raise Refused("the body is not in chunks as of HTTP/1.1", BAD_REQUEST)
        size = line[len(end) :]
        if not _PART_OF_SIZE.match(size) or (len(size) == _LONGEST_SIZE and b"\r\n" not in size):
            raise Refused("the body is not in chunks as of HTTP/1.1", BAD_REQUEST)
        match = _SIZE.match(size)
        return match is not None and self._begin(int(match[1], 16), len(end) + match.end())

    def _begin(self, size: int, offset: int) -> bool:
        if size == 0:
            last = self._pending[offset : offset + 2]
            if not b"\r\n".startswith(last):
                raise Refused("the body has trailers", BAD_REQUEST)
            if last != b"\r\n":
                return False
            offset += 2
            self.done = True
        self._pending = self._pending[offset:]
        self._remaining, self._first = size, False
        return not self.done


Body: TypeAlias = "LengthBody | ChunkedBody"


def body_of(head: Head) -> Body:
    """Return the body that a head announces; raise :class:`Refused` if its end is ambiguous."""
    encoding, length = head.header("Transfer-Encoding"), head.header("Content-Length")
    if encoding:
        if length or encoding.lower() != "chunked":
            raise Refused("the length of the body is given in two ways", BAD_REQUEST)
        return ChunkedBody()
    if not re.fullmatch("[0-9]{0,12}", length):
        raise Refused("the length of the body is no number", BAD_REQUEST)
    return LengthBody(int(length or "0"))
