"""How growth is distinguished from the variations during a grading."""

from __future__ import annotations

import pytest

from tests.stress.gauge import is_flat, quarters


@pytest.mark.parametrize(
    ("samples", "flat"),
    [
        ([0, 10, 10, 10, 10, 10, 10, 10], True),
        ([0, 5, 10, 10, 12, 9, 11, 10], True),
        ([5, 5, 10, 10, 15, 15, 20, 20], False),
    ],
)
def test_the_end_is_held_against_the_middle(samples: list[int], flat: bool) -> None:
    """The beginning is lower in any case."""
    assert is_flat(samples) is flat


def test_a_short_run_has_quarters_too() -> None:
    """Of one sample each, or none."""
    assert quarters([7]) == [7, 0, 0, 0]
    assert quarters([1, 2, 3, 4]) == [1, 2, 3, 4]
