"""The head of a client's request: the request line and the headers.

The parser accepts one way to write each of them, so that no other parser can understand the same bytes otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from drydock.machine.guest.proxy.refusal import BAD_REQUEST, TOO_LARGE, Refused

#: A head is no longer than this; bytes.
LIMIT = 64 << 10
_REQUEST_LINE = re.compile(rb"([A-Z]{1,10}) (/[A-Za-z0-9_.:/@-]*)(?:\?([!-~]*))? HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([ -~\t]*)")
_VERSION = re.compile(r"/v([0-9])\.([0-9]{1,2})(?=/)")
_OLDEST, NEWEST = (1, 24), (1, 45)


class Head(NamedTuple):
    """The method, the version and path of the Engine API, the unparsed query, and headers by their lower-case names."""

    method: str
    version: tuple[int, int]
    path: str
    query: str
    headers: Mapping[str, tuple[str, ...]]

    def header(self, name: str) -> str:
        """Return the value of a header, empty if it is missing; raise :class:`Refused` if there are two."""
        values = self.headers.get(name.lower(), ())
        if len(values) > 1:
            raise Refused(f"the header {name} is there twice", BAD_REQUEST)
        return values[0] if values else ""


def parse(raw: bytes) -> Head:
    """Return the parsed head; ``raw`` ends with an empty line. Raise :class:`Refused` for any other form."""
    first, *lines = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        raise Refused("the request line is not one of the Engine API over HTTP/1.1", BAD_REQUEST)
    method, target, query = match[1].decode(), match[2].decode(), (match[3] or b"").decode()
    if "#" in query:
        raise Refused("the request has a fragment", BAD_REQUEST)
    version, path = _split(target)
    headers: dict[str, tuple[str, ...]] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise Refused("a header is not in the form of HTTP/1.1", BAD_REQUEST)
        name = header[1].decode().lower()
        headers[name] = (*headers.get(name, ()), header[2].strip(b" \t").decode())
    return Head(method, version, path, query, headers)


def end(received: bytes) -> int:
    """Return the length of the head in the received bytes, 0 as long as its end is missing."""
    length = received.find(b"\r\n\r\n") + 4
    if length > LIMIT or (length == 3 and len(received) >= LIMIT):
        raise Refused("the head of the request is too long", TOO_LARGE)
    return length if length > 3 else 0


def _split(target: str) -> tuple[tuple[int, int], str]:
    """Return the version at the beginning of a path, and the rest of the path."""
    match = _VERSION.match(target)
    version = (int(match[1]), int(match[2])) if match else NEWEST
    if version > NEWEST:
        asked, newest = ".".join(map(str, version)), ".".join(map(str, NEWEST))
        raise Refused(f"client version {asked} is too new: the newest API version is {newest}", BAD_REQUEST)
    if version < _OLDEST:
        raise Refused("the client's API version is too old", BAD_REQUEST)
    return version, target[match.end() :] if match else target
