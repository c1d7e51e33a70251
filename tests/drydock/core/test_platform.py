"""The platform of this computer."""

from __future__ import annotations

import platform as stdlib_platform

import pytest

from drydock.core import platform


@pytest.mark.parametrize(
    ("system", "architecture", "supported"),
    [("Linux", "x86_64", True), ("Linux", "aarch64", False), ("Darwin", "arm64", False), ("Windows", "AMD64", False)],
)
def test_platforms_with_machines(
    monkeypatch: pytest.MonkeyPatch, system: str, architecture: str, supported: bool
) -> None:
    """Machines run on Linux x86-64 and on no other platform."""
    monkeypatch.setattr(stdlib_platform, "system", lambda: system)
    monkeypatch.setattr(stdlib_platform, "machine", lambda: architecture)
    assert platform.supports_machines() is supported
    assert platform.describe().startswith(system)
