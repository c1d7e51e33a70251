"""The end of a body is given in one way, and found in whatever pieces the body arrives."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy import http_head
from drydock.machine.guest.proxy.http_body import Body, ChunkedBody, body_of
from drydock.machine.guest.proxy.refusal import Refused

CHUNKS = b"5\r\nhello\r\n00a\r\n0123456789\r\n0\r\n\r\n"


def body(headers: str) -> Body:
    """Return the body that these headers announce."""
    return body_of(http_head.parse(f"POST /build HTTP/1.1\r\n{headers}\r\n".encode()))


def fed(reader: Body, text: bytes, step: int) -> bytes:
    """Return the content of a text that comes in pieces."""
    return b"".join(reader.feed(text[at : at + step]) for at in range(0, len(text), step))


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("headers", "text", "content"),
    [
        ("Content-Length: 5\r\n", b"hello", b"hello"),
        ("Content-Length: 0\r\n", b"", b""),
        ("", b"", b""),
        ("Transfer-Encoding: chunked\r\n", CHUNKS, b"hello0123456789"),
        ("transfer-encoding: Chunked\r\n", b"0\r\n\r\n", b""),
    ],
)
def test_it_is_read_as_far_as_it_goes(headers: str, text: bytes, content: bytes, step: int) -> None:
    """What comes after it is kept apart: no second request is read out of it."""
    reader = body(headers)
    after = b"GET / HTTP/1.1\r\n\r\n"
    assert fed(reader, text + after, step) == content
    assert reader.done
    assert reader.surplus == after


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\ncontent-length: 6\r\n", "Content-Length: +5\r\n", "Content-Length: -1\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length: 9999999999999\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    ],
)  # fmt: skip
def test_a_length_is_given_in_one_way(headers: str) -> None:
    """Two that differ, two that agree, and ways to write one that not all understand."""
    with pytest.raises(Refused):
        body(headers)


@pytest.mark.parametrize("step", [1, 100])
@pytest.mark.parametrize(
    "text",
    [
        b"5;a=b\r\nhello\r\n", b"5\nhello\n", b"g\r\n", b"-5\r\nhello", b"+5\r\nhello", b" 5\r\nhello", b"5 \r\nhello",
        b"0x5\r\nhello", b"5\r\nhello0\r\n", b"5\r\nhelloX\r\n0\r\n\r\n", b"fffffffff\r\n", b"0\r\nA: b\r\n\r\n",
        b"\r\n5\r\n",
        b"0" * 30 + b"5\r\nhello", b"5\r\nhello\r\r\n0\r\n\r\n", b"0\r\n\nx",
    ],
)  # fmt: skip
def test_chunks_have_one_form(text: bytes, step: int) -> None:
    """No extensions, no trailers, no bare line ends, no size that runs over."""
    with pytest.raises(Refused):
        fed(ChunkedBody(), text, step)
