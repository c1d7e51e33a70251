"""The computer we stand on."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from drydock.engine import ground


@pytest.mark.parametrize(
    ("system", "architecture", "possible"),
    [("Linux", "x86_64", True), ("Linux", "aarch64", False), ("Darwin", "arm64", False), ("Windows", "AMD64", False)],
)
def test_where_machines_can_be(monkeypatch: pytest.MonkeyPatch, system: str, architecture: str, possible: bool) -> None:
    """Machines exist on Linux x86-64 and nowhere else."""
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: architecture)
    assert ground.is_possible() is possible
    assert ground.describe().startswith(system)


def test_system_folders_are_not_shared(tmp_path: Path) -> None:
    """A folder that a machine has itself can't be shown to it; a folder of one's own can."""
    assert ground.shareable(tmp_path) == [tmp_path]
    assert ground.shareable(Path("/")) == []
    assert ground.shareable(Path("/usr")) == []


def test_without_machines_nothing_is_shared(elsewhere: None, tmp_path: Path) -> None:
    """Where there are no machines there is nobody to share with."""
    assert ground.shareable(tmp_path) == []
