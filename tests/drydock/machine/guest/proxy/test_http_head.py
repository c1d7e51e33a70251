"""A head is taken in one form, so that no other parser could have understood another request."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy import http_head
from drydock.machine.guest.proxy.refusal import Refused


def parse(text: str | bytes) -> http_head.Head:
    """Return the head in these lines."""
    return http_head.parse(text if isinstance(text, bytes) else text.encode())


def test_a_head_is_taken_apart() -> None:
    """The method, the version, the path, the query as it came, and headers by small names."""
    head = parse("POST /v1.41/containers/create?name=a&b=%20 HTTP/1.1\r\nHost: x\r\nX-A:  1 \r\nx-a: 2\r\n\r\n")
    assert head[:4] == ("POST", (1, 41), "/containers/create", "name=a&b=%20")
    assert head.headers == {"host": ("x",), "x-a": ("1", "2")}
    assert (head.header("Host"), head.header("X-B")) == ("x", "")
    with pytest.raises(Refused, match="X-A is there twice"):
        head.header("X-A")


@pytest.mark.parametrize(
    ("target", "version", "path"),
    [("/_ping", (1, 45), "/_ping"), ("/v1.24/info", (1, 24), "/info"), ("/v1.45/v1.45/info", (1, 45), "/v1.45/info")],
)
def test_the_version(target: str, version: tuple[int, int], path: str) -> None:
    """Without one, the newest is meant; only one is taken off."""
    head = parse(f"GET {target} HTTP/1.1\r\n\r\n")
    assert (head.version, head.path) == (version, path)


@pytest.mark.parametrize("version", ["1.46", "2.0", "1.23", "0.1"])
def test_other_versions_are_refused(version: str) -> None:
    """The proxy knows the fields of the versions between."""
    with pytest.raises(Refused, match=r"too (new|old)"):
        parse(f"GET /v{version}/info HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize(
    "line",
    [
        "GET /info HTTP/1.0", "GET /info HTTP/2", "GET /info", "GET  /info HTTP/1.1", "GET /info  HTTP/1.1",
        "get /info HTTP/1.1",
        "GET http://docker/info HTTP/1.1", "GET info HTTP/1.1", "GET //docker/info?a b HTTP/1.1", "GET * HTTP/1.1",
        "GET /inf%6f HTTP/1.1", "GET /info;a=b HTTP/1.1", "GET /info#a HTTP/1.1", "GET /info?a#b HTTP/1.1",
        "GET /info\\a HTTP/1.1",
        "GET /inf\u00f6 HTTP/1.1", "GET /info?\u00f6 HTTP/1.1", "GET /info\t HTTP/1.1", "GET /a\rb HTTP/1.1",
        "GET /a\nb HTTP/1.1",
        "GET /a\0b HTTP/1.1", "", " GET /info HTTP/1.1", "\r\nGET /info HTTP/1.1", "PRI * HTTP/2.0",
    ],
)  # fmt: skip
def test_other_request_lines_are_refused(line: str) -> None:
    """Whatever ends a URL, a line or a word in some parsers and not in others."""
    with pytest.raises(Refused):
        parse(f"{line}\r\nHost: x\r\n\r\n")


@pytest.mark.parametrize(
    "header",
    [b"Host", b" Host: x", b"Host : x", b": x", b"Host: x\r\n folded", b"Host: x\ny: z", b"Host: a\rb", b"H\xf6st: x",
     b"Host: \xff", b"Host: a\0b", b"Host(): x", b"Host: x\r\n\ty"],
)  # fmt: skip
def test_other_headers_are_refused(header: bytes) -> None:
    """Folded ones, ones with spaces before the colon, bare line ends, what is no ASCII."""
    with pytest.raises(Refused, match="header"):
        parse(b"GET /info HTTP/1.1\r\n" + header + b"\r\n\r\n")


@pytest.mark.timeout(20)
def test_a_header_is_read_in_one_pass() -> None:
    """One of the longest that a client may send takes no time, also where it is refused at its last byte."""
    with pytest.raises(Refused, match="a header"):
        http_head.parse(b"GET /info HTTP/1.1\r\na:" + b" \t" * 30_000 + b"\x80\r\n\r\n")


def test_the_end_of_a_head() -> None:
    """It is where the first empty line ends, and must come soon."""
    assert http_head.end(b"GET / HTTP/1.1\r\nA: b\r\n") == 0
    assert http_head.end(b"GET / HTTP/1.1\r\n\r\nbody\r\n\r\n") == len(b"GET / HTTP/1.1\r\n\r\n")
    for long in (b"x" * http_head.LIMIT, b"x" * http_head.LIMIT + b"\r\n\r\n"):
        with pytest.raises(Refused, match="too long"):
            http_head.end(long)
