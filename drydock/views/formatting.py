"""Number formats of the pictures."""

from __future__ import annotations

from collections.abc import Sized

_UNITS = ("B", "kB", "MB", "GB", "TB")


def format_size(number: float) -> str:
    """Return a number of bytes with three digits and a unit: "75.6 MB"."""
    exponent = 0
    while number >= 999.5 and exponent < len(_UNITS) - 1:
        number, exponent = number / 1000, exponent + 1
    return f"{number:.3g} {_UNITS[exponent]}"


def format_count(items: Sized | int, noun: str) -> str:
    """Return the number of items with their noun: "1 layer", "3 layers", "no layers"."""
    number = items if isinstance(items, int) else len(items)
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
