"""The messages about images that depend on the facts."""

from __future__ import annotations

from drydock.errors import ImageBuildFailed


def test_a_failed_build_shows_the_end_of_its_output() -> None:
    """The message has the last 12 lines, where the reason is, or says that there was no output."""
    output = "\n".join(f"line {number}" for number in range(20))
    assert ImageBuildFailed("drydock/one:1", output).why.splitlines() == [f"line {number}" for number in range(8, 20)]
    assert ImageBuildFailed("drydock/one:1", "").why == "It gave no reason."
