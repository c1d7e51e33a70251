"""Numbers are said as a person says them."""

from __future__ import annotations

import pytest

from drydock.views.formatting import count, size


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 B"), (999, "999 B"), (4352, "4.35 kB"), (999_600, "1 MB"), (75_573_878, "75.6 MB"), (2e12, "2 TB")],
)
def test_sizes(number: float, said: str) -> None:
    """Three digits and a unit."""
    assert size(number) == said


@pytest.mark.parametrize(("things", "said"), [(0, "no layers"), (1, "1 layer"), ([1, 2], "2 layers")])
def test_counts(things: int | list[int], said: str) -> None:
    """One is one, and none is no number."""
    assert count(things, "layer") == said
