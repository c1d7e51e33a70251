"""The computer we stand on."""

from __future__ import annotations

import platform as stdlib_platform

import pytest

from drydock.core import platform


@pytest.mark.parametrize(
    ("system", "architecture", "possible"),
    [("Linux", "x86_64", True), ("Linux", "aarch64", False), ("Darwin", "arm64", False), ("Windows", "AMD64", False)],
)
def test_where_machines_can_be(monkeypatch: pytest.MonkeyPatch, system: str, architecture: str, possible: bool) -> None:
    """Machines exist on Linux x86-64 and nowhere else."""
    monkeypatch.setattr(stdlib_platform, "system", lambda: system)
    monkeypatch.setattr(stdlib_platform, "machine", lambda: architecture)
    assert platform.is_possible() is possible
    assert platform.describe().startswith(system)
