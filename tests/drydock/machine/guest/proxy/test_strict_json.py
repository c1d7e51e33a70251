"""JSON that two parsers could understand in two ways is refused; the rest is written in one way."""

from __future__ import annotations

import json
import threading

import pytest

from drydock.machine.guest.proxy import strict_json
from drydock.machine.guest.proxy.refusal import Refused

REFUSED = {
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, written in two ways": b'{"a": 1, "\\u0061": 2}',
    "no UTF-8": b'{"a": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "half an emoji": b'{"a": "\\ud83d"}',
    "half an emoji in a name": b'{"\\ud83d": 1}',
    "a NUL": b'{"a": "b\\u0000c"}',
    "a fraction": b'{"a": 1.5}',
    "an exponent": b'{"a": 1e3}',
    "no number": b'{"a": NaN}',
    "endless": b'{"a": Infinity}',
    "beyond 64 bits": b'{"a": 9223372036854775808}',
    "far beyond 64 bits": b'{"a": ' + b"9" * 5000 + b"}",
    "two values": b"{} {}",
    "a comma at the end": b'{"a": 1,}',
    "a comment": b'{"a": 1} // b',
    "single quotes": b"{'a': 1}",
    "a raw line break in a text": b'{"a": "b\nc"}',
    "nothing": b"",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused(kind: str) -> None:
    """Each is a text that some parser takes, and others don't or understand otherwise."""
    with pytest.raises(Refused):
        strict_json.read(REFUSED[kind])


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b'["' + b"[" * 40 + b'"' + b",[" * 50_000])
def test_a_deep_text_is_refused_in_a_thread_too(text: bytes) -> None:
    """The parser is not asked, whose stack could end; brackets in a text don't count."""
    refusals: list[str] = []

    def read() -> None:
        try:
            strict_json.read(text)
        except Refused as refused:
            refusals.append(str(refused))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert refusals == ["the body is nested too deeply"]


@pytest.mark.parametrize(
    "value", [None, True, 0, -(1 << 63), (1 << 63) - 1, 'ä 😀 \\ " \n', [{}, []], {"a": [{"B": "ſ"}]}]
)
def test_what_is_read_is_what_is_written(value: strict_json.Json) -> None:
    """A value comes through as it was, in ASCII."""
    written = strict_json.write(strict_json.read(json.dumps(value, ensure_ascii=False).encode()))
    assert written.isascii()
    assert json.loads(written) == value


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", [b'"' + b'\\"' * 500_000, b'"' + b'\\"' * 500_000 + b"\\", b"[" + b'"\\"' * 300_000])
def test_a_text_without_an_end_is_read_in_one_pass(text: bytes) -> None:
    """One of the longest that a client may send takes no time."""
    with pytest.raises(Refused):
        strict_json.read(text)


def test_brackets_in_texts_are_not_depth() -> None:
    """A label may hold as many as it likes."""
    assert strict_json.read(b'["' + b"[{" * 500 + b'\\"[", 1]') == ["[{" * 500 + '"[', 1]


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}])
def test_empty_values(value: strict_json.Json) -> None:
    """Go has the same value for a field that isn't there."""
    assert strict_json.is_empty(value)
    assert not strict_json.is_empty([value])
