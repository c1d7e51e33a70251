"""What an attack is: a notebook handed in as work on `service`, and what it must not get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.verdict import State


@dataclass(frozen=True)
class Attack:
    """``tries`` is the line a reader sees. ``code`` stands where the answer would; ``twist`` changes the rest.

    ``raw`` is handed in instead of a notebook. ``files`` lie beside it. ``most`` is the most it may score: nothing,
    unless it also does some of the work. ``wall`` names what holds.
    """

    tries: str
    code: str = ""
    wall: str = "marks from outside"
    most: float = 0
    states: tuple[State, ...] = ("graded",)
    files: Mapping[str, bytes] = field(default_factory=dict)
    twist: Callable[[NotebookNode], None] | None = None
    raw: bytes | None = None


#: What was started is running already, but the machine may not outlast what is done to it.
ANYHOW: tuple[State, ...] = ("graded", "timed-out", "crashed")
