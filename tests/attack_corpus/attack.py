"""What an attack is: a notebook submitted as work on `service`, and what it must not get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.verdict import State


@dataclass(frozen=True)
class Attack:
    """``tries`` is the line that a reader sees. ``code`` replaces the answer; ``twist`` changes the rest.

    ``rewrite`` changes the notebook's bytes, and ``raw`` is submitted instead of a notebook; ``files`` are submitted
    beside it. ``most`` is the highest score that it may get: 0, unless it also does some of the work. ``layer`` names
    what stops it. One that is ``combined`` combines two attacks of its family.
    """

    tries: str
    code: str = ""
    layer: str = "checks from outside"
    most: float = 0
    states: tuple[State, ...] = ("graded",)
    files: Mapping[str, bytes] = field(default_factory=dict)
    twist: Callable[[NotebookNode], None] | None = None
    rewrite: Callable[[bytes], bytes] | None = None
    raw: bytes | None = None
    combined: bool = False


#: The states of an attack that may end its machine, although its answer is running already.
ANYHOW: tuple[State, ...] = ("graded", "timed-out", "crashed")
