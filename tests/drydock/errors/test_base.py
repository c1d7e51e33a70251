"""Every error of both packages has a finished message and is raised somewhere; errors survive the way through JSON."""

from __future__ import annotations

import inspect
import json
import re
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import autograder.errors
import drydock.errors
from drydock.errors import DrydockError, NoEngine, PortTaken, TimedOut, ToolsMissing
from tests.architecture.tree import ROOT, below

CLASSES = sorted(
    {
        kind
        for module in (drydock.errors, autograder.errors)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, DrydockError)
    },
    key=lambda kind: kind.__name__,
)
SPECIFIC = [kind for kind in CLASSES if kind is not DrydockError]

#: A value for each type of a constructor's parameters.
VALUES: dict[Any, Any] = {
    str: "It is so.",
    int: 3 << 20,
    float: 3.0,
    bool: True,
    Path: Path("/some/where"),
    Sequence[str]: ["fact"],
    Sequence[Path]: [Path("/some/where")],
    Sequence[tuple[str, str]]: [("fact", "fact")],
}


def value_for(hint: Any) -> Any:
    """Return a value of a type; of a union, a value of its first type."""
    return VALUES[hint if hint in VALUES else typing.get_args(hint)[0]]


def example(kind: type[DrydockError]) -> DrydockError:
    """Return an error of a class, made from example values."""
    hints = typing.get_type_hints(kind.__init__)
    return kind(**{name: value_for(hint) for name, hint in hints.items() if name != "return"})


@pytest.mark.parametrize("kind", CLASSES)
def test_a_message_is_finished(kind: type[DrydockError]) -> None:
    """A message starts with one line that is a sentence, and continues with why, or what to do next."""
    error = example(kind)
    assert str(error).startswith(error.what)
    assert "\n" not in error.what
    assert error.what.endswith((".", "?", "!")) or kind is DrydockError
    assert error.why or error.next


@pytest.mark.parametrize("kind", SPECIFIC)
def test_a_class_is_raised_somewhere(kind: type[DrydockError]) -> None:
    """Each class is raised by a module: a message that nobody can see is dead code."""
    modules = below("drydock", "*.py") + below("autograder", "*.py")
    home = ROOT.joinpath(*kind.__module__.split(".")).with_suffix(".py")
    others = [path.read_text() for path in modules if path != home]
    assert any(f"{kind.__name__}(" in text for text in others)


def test_one_name_is_one_class() -> None:
    """No two classes share a name, so a name in JSON means one class."""
    names = [kind.__name__ for kind in CLASSES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_survives_json(kind: type[DrydockError]) -> None:
    """An error read back from JSON has the same class, message and attributes."""
    error = example(kind)
    again = DrydockError.from_json(json.loads(json.dumps(error.to_json())))
    assert type(again) is kind
    assert str(again) == str(error)
    assert json.dumps(vars(again)) == json.dumps(vars(error))


def test_attributes_survive_json() -> None:
    """A caller in another process can use the facts of an error, such as the port that is in use."""
    error = DrydockError.from_json(PortTaken(8080, "tcp").to_json())
    assert isinstance(error, PortTaken)
    assert error.port == 8080


def test_an_unknown_class_is_a_plain_error() -> None:
    """An error of a class that this process does not know keeps its message."""
    value = NoEngine([("here", "no daemon")]).to_json() | {"class": "FromAnotherVersion"}
    assert type(DrydockError.from_json(value)) is DrydockError


def test_following_lines_are_indented() -> None:
    """A reason of several lines stays in its column."""
    error = DrydockError("It broke.", why="first\nsecond", next="Repair it.")
    assert str(error) == "It broke.\n  Why:  first\n        second\n  Next: Repair it."


def test_missing_tools_come_with_a_command_that_installs_them() -> None:
    """A person can copy one line that installs all missing packages."""
    error = ToolsMissing(["slirp4netns", "mmdebstrap"], "run a machine")
    assert error.next.endswith("apt-get install -y mmdebstrap slirp4netns")


def test_a_timeout_names_what_was_awaited() -> None:
    """The message has the seconds and what did not happen in them."""
    assert re.fullmatch("Timed out after 9 s waiting for the daemon.", str(TimedOut("the daemon", 9.2)))
