"""The messages about artifacts that depend on the facts."""

from __future__ import annotations

from pathlib import Path

from drydock.errors import BrokenCache


def test_a_damaged_file_is_described() -> None:
    """The message distinguishes a file of another size from a missing file."""
    file = Path("/cache/base/disk.img")
    assert (
        BrokenCache(file, 10, 4).why == "It had 10 bytes when it was built and has 4 bytes now (/cache/base/disk.img)."
    )
    assert "is missing now" in BrokenCache(file, 10, None).why
