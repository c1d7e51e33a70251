"""How numbers are said in pictures."""

from __future__ import annotations

from collections.abc import Sized

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(number: float) -> str:
    """A number of bytes as a person says it."""
    steps = 0
    while number >= 999.5 and steps < len(_UNITS) - 1:
        number, steps = number / 1000, steps + 1
    return f"{number:.3g} {_UNITS[steps]}"


def count(things: Sized | int, noun: str) -> str:
    """How many there are: "1 layer", "3 layers", "no layers"."""
    number = things if isinstance(things, int) else len(things)
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
