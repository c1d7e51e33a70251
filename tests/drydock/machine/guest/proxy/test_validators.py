"""The rules for fields: what is named passes by its rule, what isn't must be empty, and nothing else gets through."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy import validators
from drydock.machine.guest.proxy.refusal import BAD_REQUEST, FORBIDDEN, Refused
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import Place, Rule
from tests.drydock.machine.guest.proxy.requests_of import scope

_HEALTH = validators.obj({"Test": validators.texts, "Retries": validators.integer(0, 10)})


def validate(rule: Rule, value: Json) -> Json:
    """Return what a rule makes of a value at the top of a body."""
    return rule(value, Place("", scope()))


def test_an_object_keeps_what_is_named() -> None:
    """Null is left out, and so is what is empty and has no rule."""
    value: Json = {"Test": ["a"], "Retries": None, "Unknown": [], "Other": 0, "More": {}}
    assert validate(_HEALTH, value) == {"Test": ["a"]}


def test_what_is_not_named_is_refused() -> None:
    """The message names it, and its place."""
    with pytest.raises(Refused, match=r"^Health\.Unknown is not allowed$") as error:
        validate(validators.obj({"Health": _HEALTH}), {"Health": {"Unknown": 1}})
    assert error.value.status == FORBIDDEN


@pytest.mark.parametrize("name", ["test", "TEST", "teſt", "Te\u017ft", " Test", "Test\u200b"])
def test_a_name_is_written_in_one_way(name: str) -> None:
    """Go takes names in any case; here they are other names, and never reach it."""
    with pytest.raises(Refused, match="not allowed"):
        validate(_HEALTH, {name: ["a"]})


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (validators.boolean, 1), (validators.boolean, "true"),
        (validators.integer(), True), (validators.integer(), -1), (validators.integer(0, 9), 10),
        (validators.integer(), "1"),
        (validators.texts, "a"), (validators.texts, ["a", 1]), (validators.texts, [None]),
        (validators.line, "a\nb"), (validators.line, "a\rb"), (validators.line, 1), (validators.text, ["a"]),
        (validators.matching("[a-z]+", "small letters"), "a\n"), (validators.matching("[a-z]+", "small letters"), ""),
        (_HEALTH, []), (_HEALTH, "x"), (validators.mapping(validators.line, validators.line), [["a", "b"]]),
        (validators.mapping(validators.line, validators.line), {"a": 1}), (validators.mapping(validators.line,
        validators.line), {"a\n": "b"}),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_invalid(rule: Rule, value: Json) -> None:
    """The status is that of a bad request."""
    with pytest.raises(Refused) as error:
        validate(rule, value)
    assert error.value.status == BAD_REQUEST


def test_a_choice_is_one_of_its_values() -> None:
    """Another one is refused and named, cut short."""
    assert validate(validators.choice("", "crun"), "crun") == "crun"
    values: list[Json] = ["runc", "CRUN", None, ["crun"]]
    for value in values:
        with pytest.raises(Refused, match="not allowed to be"):
            validate(validators.choice("", "crun"), value)


def test_the_rest_of_the_kinds() -> None:
    """Lists, mappings, defaults for null, and what is left out on purpose."""
    assert validate(validators.items(validators.integer()), [0, 7]) == [0, 7]
    assert validate(validators.mapping(validators.line, validators.boolean), {"a": True}) == {"a": True}
    assert validate(validators.optional(validators.line, dict), None) == {}
    assert validate(validators.obj({"State": validators.ignored}), {"State": {"anything": [1]}}) == {}
    assert validate(validators.text, "two\nlines") == "two\nlines"
