"""Rules that validate the fields of a JSON body.

A rule gets a value and its place, and returns the value for the daemon; ``None`` leaves the field out. An object has
named fields. A field without a name here is refused, unless its value is empty: clients send empty values for options
that nobody has set, and the daemon doesn't need them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from drydock.machine.guest.proxy.refusal import BAD_REQUEST, Refused
from drydock.machine.guest.proxy.request_scope import Scope
from drydock.machine.guest.proxy.strict_json import LARGEST, Json, is_empty


class Place(NamedTuple):
    """The path of a value in a request, such as ``HostConfig.Binds``, and the request's scope."""

    path: str
    scope: Scope

    def below(self, name: str) -> Place:
        """Return the place of a field of the object here."""
        return Place(f"{self.path}.{name}" if self.path else name, self.scope)

    def refused(self, why: str = "not allowed") -> Refused:
        """Return the error for a value that may not be here."""
        return Refused(f"{self.path or 'the body'} is {why}")

    def invalid(self, what: str) -> Refused:
        """Return the error for a value of another kind."""
        return Refused(f"{self.path or 'the body'} must be {what}", BAD_REQUEST)


Rule: TypeAlias = "Callable[[Json, Place], Json]"
Text: TypeAlias = "Callable[[Json, Place], str]"

#: The fields of an object that has none.
EMPTY: Mapping[str, Rule] = {}


def obj(rules: Mapping[str, Rule]) -> Callable[[Json, Place], dict[str, Json]]:
    """Return the rule for an object with these fields."""

    def rule(value: Json, place: Place) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise place.invalid("an object")
        valid: dict[str, Json] = {}
        for name, part in value.items():
            if name in rules and part is not None:
                valid[name] = rules[name](part, place.below(name))
            elif not is_empty(part):
                raise place.below(name[:80]).refused()
        return {name: part for name, part in valid.items() if part is not None}

    return rule


def items(each: Rule) -> Rule:
    """Return the rule for a list of values that each follow a rule."""

    def rule(value: Json, place: Place) -> Json:
        if not isinstance(value, list):
            raise place.invalid("a list")
        return [each(part, place) for part in value]

    return rule


def mapping(key: Text, each: Rule) -> Callable[[Json, Place], dict[str, Json]]:
    """Return the rule for an object whose keys the client chooses."""

    def rule(value: Json, place: Place) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise place.invalid("an object")
        return {key(name, place): each(part, place.below(name[:80])) for name, part in value.items()}

    return rule


def optional(each: Rule, default: Callable[[], Json]) -> Rule:
    """Return a rule that replaces null by a default."""
    return lambda value, place: default() if value is None else each(value, place)


def matching(pattern: str, what: str) -> Text:
    """Return the rule for a text that a regular expression matches as a whole."""
    compiled = re.compile(pattern, re.DOTALL)

    def rule(value: Json, place: Place) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise place.invalid(what)
        return value

    return rule


def choice(*values: str) -> Text:
    """Return the rule for one of these texts."""

    def rule(value: Json, place: Place) -> str:
        if value not in values or not isinstance(value, str):
            raise place.refused(f"not allowed to be {str(value)[:80]!r}")
        return value

    return rule


def integer(low: int = 0, high: int = LARGEST) -> Rule:
    """Return the rule for an integer within limits, both included."""

    def rule(value: Json, place: Place) -> Json:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise place.invalid(f"an integer from {low} to {high}")
        return value

    return rule


def boolean(value: Json, place: Place) -> Json:
    """Validate true or false."""
    if not isinstance(value, bool):
        raise place.invalid("true or false")
    return value


def ignored(value: Json, place: Place) -> Json:
    """Leave out a field that the daemon does not need."""
    return None


#: Any text, also of several lines.
text = matching(".*", "a text")
#: A text of one line.
line = matching(r"[^\x00-\x1f\x7f]*", "a text of one line")
texts = items(text)
