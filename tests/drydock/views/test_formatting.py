"""Number formats of the pictures."""

from __future__ import annotations

import pytest

from drydock.views.formatting import format_count, format_size


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 B"), (999, "999 B"), (4352, "4.35 kB"), (999_600, "1 MB"), (75_573_878, "75.6 MB"), (2e12, "2 TB")],
)
def test_size(number: float, expected: str) -> None:
    """A size has three digits and a unit."""
    assert format_size(number) == expected


@pytest.mark.parametrize(("items", "expected"), [(0, "no layers"), (1, "1 layer"), ([1, 2], "2 layers")])
def test_count(items: int | list[int], expected: str) -> None:
    """A count is singular for one, and has the word "no" for none."""
    assert format_count(items, "layer") == expected
