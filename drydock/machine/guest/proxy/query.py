"""The query of a request, and rules that validate its parameters.

A rule gets a parameter's text and its place, and returns the text for the daemon, or None to leave the parameter out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from drydock.machine.guest.proxy import strict_json
from drydock.machine.guest.proxy.refusal import BAD_REQUEST, Refused
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import Place, Rule, choice, line

Parameter: TypeAlias = "Callable[[str, Place], str | None]"

#: The characters of a query. ``;``, ``#``, ``\`` and ``%`` without a number mean different things to different parsers.
_PART = re.compile(r"(?:[A-Za-z0-9!$'()*+,./:=?@_~\"<>\[\]{}|^`-]|%[0-9A-Fa-f]{2})*")
#: Parameters that may be there more than once.
_REPEATED = frozenset({"t", "names", "changes", "type"})
#: What the daemon takes for false; everything else is true.
_FALSE = ("", "0", "no", "false", "none")
_FILTERS = frozenset(
    "ancestor before container dangling daemon driver event exited expose health id image is-task isolation label "
    "label! name network private publish reference scope shared since status type until unused-for volume all parent "
    "inuse description mutable immutable".split()
)


def validate(raw: str, parameters: Mapping[str, Parameter], place: Place) -> tuple[tuple[str, str], ...]:
    """Return the parameters that the daemon gets, each validated by its rule."""
    valid, given = [], set()
    for name, value in _parse(raw):
        if name in given and name not in _REPEATED:
            raise Refused(f"the parameter {name} is there twice", BAD_REQUEST)
        given.add(name)
        here = Place(f"the parameter {name}", place.scope)
        if name in parameters:
            written = parameters[name](value, here)
            valid += [(name, written)] if written is not None else []
        elif value.lower() not in (*_FALSE, "null", "[]", "{}"):
            raise here.refused()
    # Without filters, the daemon would also remove containers of the grader.
    valid += [(name, rule("", place)) for name, rule in parameters.items() if rule is own_filters and name not in given]
    return tuple(valid)


def _parse(raw: str) -> list[tuple[str, str]]:
    """Return names and values, in their order."""
    parts = [part.partition("=") for part in raw.split("&") if part]
    return [(_decode(name), _decode(value)) for name, _, value in parts]


def _decode(part: str) -> str:
    try:
        if not _PART.fullmatch(part):
            raise ValueError
        text = unquote_to_bytes(part.replace("+", " ")).decode()
    except ValueError:
        raise Refused("the query is not written as in RFC 3986, or is not UTF-8", BAD_REQUEST) from None
    if not strict_json.is_text(text):
        raise Refused("the query contains a NUL", BAD_REQUEST)
    return text


def flag(value: str, place: Place) -> str:
    """Validate a boolean; the daemon takes each text but a few for true."""
    return "0" if value.strip().lower() in _FALSE else "1"


def dropped(value: str, place: Place) -> None:
    """Leave out a parameter that the daemon needs for nothing."""
    return


def by(rule: Rule) -> Parameter:
    """Return the parameter for a text that follows a rule for fields."""

    def parameter(value: str, place: Place) -> str:
        valid = rule(value, place)
        assert isinstance(valid, str)
        return valid

    return parameter


def number(low: int = 0, high: int = strict_json.LARGEST) -> Parameter:
    """Return the parameter for an integer within limits; an empty one is left out."""

    def parameter(value: str, place: Place) -> str | None:
        if value == "":
            return None
        if not re.fullmatch("-?[0-9]{1,19}", value) or not low <= int(value) <= high:
            raise place.invalid(f"an integer from {low} to {high}")
        return str(int(value))

    return parameter


def json_value(rule: Rule) -> Parameter:
    """Return the parameter for JSON that follows a rule; an empty text is left out."""

    def parameter(value: str, place: Place) -> str | None:
        return strict_json.write(rule(strict_json.read(value.encode()), place)).decode() if value else None

    return parameter


def only(*values: str) -> Parameter:
    """Return the parameter for one of these texts."""
    return by(choice(*values))


def _filters(value: Json, place: Place) -> Json:
    """Validate filters: a list of texts for each name, or an object with true for each text."""
    if not isinstance(value, dict):
        raise place.invalid("an object")
    valid: dict[str, Json] = {}
    for name, wanted in value.items():
        if name not in _FILTERS:
            raise place.below(name[:80]).refused()
        if isinstance(wanted, dict):
            wanted = [text for text, on in wanted.items() if on is True]
        if not isinstance(wanted, list) or not all(isinstance(text, str) for text in wanted):
            raise place.below(name).invalid("a list of texts")
        valid[name] = dict.fromkeys(map(str, wanted), True)
    return valid


filters = json_value(_filters)
word = by(line)


def own_filters(value: str, place: Place) -> str:
    """Validate the filters of a prune; add one for the submission's own containers."""
    asked = strict_json.read((filters(value, place) or "{}").encode())
    assert isinstance(asked, dict)
    labels = asked.get("label", {})
    assert isinstance(labels, dict)
    return strict_json.write({**asked, "label": {**labels, place.scope.own_label: True}}).decode()
