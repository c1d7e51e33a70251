"""Each message a person can meet is finished: what happened, and why or what to do next."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import autograder.errors
import drydock.errors
from drydock.errors import DrydockError, ToolsMissing
from tests.architecture.tree import ROOT, below

CLASSES = [
    kind
    for module in (drydock.errors, autograder.errors)
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, DrydockError) and kind.__module__ == module.__name__
]

#: A fact of each type that a constructor asks for.
FACTS: dict[Any, Any] = {
    str: "It is so.",
    int: 3 << 20,
    float: 3.0,
    bool: True,
    Path: Path("/some/where"),
    Sequence[str]: ["fact"],
    Sequence[Path]: [Path("/some/where")],
    Sequence[tuple[str, str]]: [("fact", "fact")],
}


def fact(hint: Any) -> Any:
    """A fact of a type; of one or another type, the first."""
    return FACTS[hint if hint in FACTS else typing.get_args(hint)[0]]


def example(kind: type[DrydockError]) -> DrydockError:
    """An error as it would be raised."""
    hints = typing.get_type_hints(kind.__init__)
    return kind(**{name: fact(hint) for name, hint in hints.items() if name != "return"})


@pytest.mark.parametrize("kind", CLASSES)
def test_a_message_is_finished(kind: type[DrydockError]) -> None:
    """It opens with what happened, in one line that ends like a sentence, and goes on with why or what to do next."""
    error = example(kind)
    assert str(error).startswith(error.what)
    assert "\n" not in error.what
    assert error.what.endswith((".", "?", "!")) or kind is DrydockError
    assert error.why or error.next


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not DrydockError])
def test_a_message_is_met_somewhere(kind: type[DrydockError]) -> None:
    """Each class is raised by a module: a message that nobody can meet is debris."""
    modules = below("drydock", "*.py") + below("autograder", "*.py")
    home = ROOT.joinpath(*kind.__module__.split(".")).with_suffix(".py")
    others = [path.read_text() for path in modules if path != home]
    assert any(f"{kind.__name__}(" in text for text in others)


def test_more_lines_are_indented() -> None:
    """A reason of several lines stays in its column."""
    error = DrydockError("It broke.", why="first\nsecond", next="mend it")
    assert str(error) == "It broke.\n  Why:  first\n        second\n  Next: mend it"


def test_missing_tools_are_told_with_the_line_that_installs_them() -> None:
    """A person can copy one line that brings all of the missing packages."""
    error = ToolsMissing(["slirp4netns", "mmdebstrap"], "run a machine")
    assert error.next.endswith("apt-get install -y mmdebstrap slirp4netns")
