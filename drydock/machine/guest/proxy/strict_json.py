"""JSON from the submission, and JSON for the daemon.

Two parsers may understand one text in two ways: a name that occurs twice, a number of more than 64 bits, text that is
not Unicode. Such a text is refused, and the daemon gets a text that :func:`write` makes of the values.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

from drydock.machine.guest.proxy.refusal import BAD_REQUEST, Refused

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

#: The largest number of 64 bits with a sign, as Go reads it.
LARGEST = (1 << 63) - 1
#: The most levels of objects and lists: Python's own parser may run out of stack.
_DEPTH = 32
#: A string, also one without an end, and with no second way to match: the time must not grow faster than the text.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def read(text: bytes) -> Json:
    """Return the value of a JSON text; raise :class:`Refused` if it could be understood in two ways."""
    try:
        if _depth(text) > _DEPTH:
            raise Refused("the body is nested too deeply", BAD_REQUEST)
        value: Json = json.loads(
            text.decode(), object_pairs_hook=_object, parse_float=_refuse_number, parse_constant=_refuse_number,
            parse_int=_integer,
        )  # fmt: skip
    except (ValueError, RecursionError):
        raise Refused("the body is not valid JSON in UTF-8", BAD_REQUEST) from None
    _check(value)
    return value


def write(value: Json) -> bytes:
    """Return a value as JSON in ASCII."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def is_empty(value: Json) -> bool:
    """Return whether a value means the same to the daemon as a missing field."""
    return value is None or value is False or value == 0 or value == "" or value == [] or value == {}


def is_text(value: str) -> bool:
    """Return whether a text is Unicode without NUL: lone surrogates have no form in UTF-8."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused("an object in the body has a name twice", BAD_REQUEST)
    return fields


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -LARGEST - 1 <= int(digits) <= LARGEST:
        raise Refused("a number in the body has more than 64 bits", BAD_REQUEST)
    return int(digits)


def _refuse_number(digits: str) -> NoReturn:
    raise Refused("a number in the body is no integer", BAD_REQUEST)


def _depth(text: bytes) -> int:
    """Return the number of levels of objects and lists."""
    depth = deepest = 0
    for byte in _STRING.sub(b"", text):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _check(value: Json) -> None:
    """Raise :class:`Refused` if any text in a value can't be written in UTF-8."""
    if isinstance(value, str) and not is_text(value):
        raise Refused("a text in the body is not Unicode, or contains a NUL", BAD_REQUEST)
    if isinstance(value, dict):
        for name, part in value.items():
            _check(name)
            _check(part)
    if isinstance(value, list):
        for part in value:
            _check(part)
