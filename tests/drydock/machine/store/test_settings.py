"""What a machine is told, and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.errors import BadName
from drydock.machine.store.settings import Settings, folder_of, machines_folder


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    """What is written to a machine's folder is read again, value for value."""
    settings = Settings("one", memory_mb=512, disk_gb=9, cpu=1, shares=("/srv/a b", "/srv/ü"), ports=(1, 2), base="/b")
    settings.write(tmp_path)
    assert Settings.read(tmp_path) == settings
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_changes_make_another() -> None:
    """`changed` replaces values in a copy."""
    settings = Settings("one")
    assert settings.changed(memory_mb=2048).memory_mb == 2048
    assert settings.memory_mb == 1024


@pytest.mark.parametrize("name", ["a", "default", "second-one", "x1", "a" * 40])
def test_names(home: Path, name: str) -> None:
    """A name leads to a folder of its own, below the folder of machines."""
    assert folder_of(name).parent == machines_folder()


@pytest.mark.parametrize(
    "name", ["", "A", "-x", "1a", "a/b", "../x", ".", "a" * 41, "a b", "a\n", "ä", "a_b", "a\0", "--help"]
)
def test_names_that_are_none(home: Path, name: str) -> None:
    """What could be an option, a path or another's name is refused, and no folder is made for it."""
    with pytest.raises(BadName, match="1 to 40 lower-case letters"):
        folder_of(name)
    assert not (home / "data" / "drydock").exists()


def test_machines_are_private(home: Path) -> None:
    """Keys lie in there: the folder of machines is closed to others."""
    assert machines_folder().stat().st_mode & 0o777 == 0o700
