"""The query: each parameter by its name and rule, in one form of writing."""

from __future__ import annotations

import json

import pytest

from drydock.machine.guest.proxy import query, validators
from drydock.machine.guest.proxy.query import Parameter
from drydock.machine.guest.proxy.refusal import Refused
from drydock.machine.guest.proxy.validators import Place
from tests.drydock.machine.guest.proxy.requests_of import scope

PARAMETERS: dict[str, Parameter] = {
    "all": query.flag, "limit": query.number(-1, 99), "t": query.word, "filters": query.filters, "old": query.dropped,
    "kind": query.only("", "a"), "labels": query.json_value(validators.mapping(validators.line, validators.line)),
}  # fmt: skip


def validated(raw: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters that the daemon gets."""
    return query.validate(raw, PARAMETERS, Place("", scope()))


@pytest.mark.parametrize(
    ("raw", "parameters"),
    [
        ("", ()), ("&&", ()), ("all=1&limit=-1", (("all", "1"), ("limit", "-1"))), ("all", (("all", "0"),)),
        ("all=True", (("all", "1"),)), ("all=FALSE", (("all", "0"),)), ("all=none", (("all", "0"),)), ("limit=", ()),
        ("limit=007", (("limit", "7"),)), ("t=a&t=b", (("t", "a"), ("t", "b"))), ("t=a+b%2Bc%C3%A4", (("t", "a b+cä"),
        )),
        ("t=a=b", (("t", "a=b"),)), ("old=x", ()), ("unknown=", ()), ("unknown=false&other=0", ()), ("kind=a",
        (("kind", "a"),)),
        ("labels=", ()), ("labels={%22a%22:%22b%22}", (("labels", '{"a":"b"}'),)),
    ],
)  # fmt: skip
def test_parameters_are_read_and_written(raw: str, parameters: tuple[tuple[str, str], ...]) -> None:
    """As the daemon would read them; what means nothing is left out."""
    assert validated(raw) == parameters


@pytest.mark.parametrize(
    "raw",
    [
        "unknown=1", "networkmode=host", "All=1", "all%00=1", "all=1&all=0", "all=1;limit=2", "limit=1;x", "t=%",
        "t=%zz",
        "t=%2", "t=%ff", "t=%00", "t=%ed%a0%80", "t=a\\b", "t=%0a", "limit=1.5", "limit=100", "limit=1e1", "limit= 1",
        "limit=%201",
        "kind=b", "labels=[", "labels=[]", "labels={%22a%22:1}", "filters=[]", "filters={%22evil%22:[%22a%22]}",
        "filters={%22name%22:[1]}", "filters={%22name%22:%22a%22}", "filters={%22name%22:[%22a%22],%22name%22:[]}",
    ],
)  # fmt: skip
def test_the_rest_is_refused(raw: str) -> None:
    """What nobody named, what is there twice, what isn't written as RFC 3986 says, values of another kind."""
    with pytest.raises(Refused):
        validated(raw)


@pytest.mark.parametrize("given", ['{"label":["a=b"],"name":[]}', '{"label":{"a=b":true,"c":false},"name":{}}'])
def test_filters_have_two_forms_and_are_written_in_one(given: str) -> None:
    """A list, or an object; what is false there is not asked for."""
    ((name, written),) = validated(f"filters={given.replace(chr(34), '%22')}")
    assert (name, json.loads(written)) == ("filters", {"label": {"a=b": True}, "name": {}})


@pytest.mark.parametrize("given", ["", "{}", '{"label":["a"]}', '{"label":["io.drydock.owner=autograder"]}'])
def test_what_removes_containers_removes_ones_own(given: str) -> None:
    """Whatever else is asked for, the owner's label is asked for too."""
    written = json.loads(query.own_filters(given, Place("filters", scope())))
    assert written["label"]["io.drydock.owner=submission"] is True
