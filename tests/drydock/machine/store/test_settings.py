"""A machine's stored settings, and valid names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drydock.errors import BadName, SettingsDamaged
from drydock.machine.store.settings import Settings, instance_folder, machines_folder


def test_stored_settings_are_read_unchanged(tmp_path: Path) -> None:
    """Every value that is written to a machine's folder is read again, and no other file is left there."""
    settings = Settings("one", memory_mb=512, disk_gb=9, cpu=1, shares=("/srv/a b", "/srv/ü"), ports=(1, 2), base="/b")
    settings.write(tmp_path)
    assert Settings.read(tmp_path) == settings
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_settings_of_another_version_are_read(tmp_path: Path) -> None:
    """A field's earlier name is read and an unknown field is ignored, so that old machines still start."""
    Settings("one", memory_mb=2048, memory_requested=True).write(tmp_path)
    file = tmp_path / "settings.json"
    stored = json.loads(file.read_text())
    stored["memory_asked"], stored["unknown"] = stored.pop("memory_requested"), stored.pop("isolation")
    file.write_text(json.dumps(stored))
    assert Settings.read(tmp_path) == Settings("one", memory_mb=2048, memory_requested=True)


@pytest.mark.parametrize(
    "stored",
    [b"", b"{", b"[]", b"\xff", b'{"name": 1}', b'{"name": "one", "shares": null}', b'{"name": "x", "cpu": "1"}'],
)
def test_damaged_settings_have_a_message(tmp_path: Path, stored: bytes) -> None:
    """Text that is no JSON, no object, or has a value of another type; the message names the file."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "settings.json").write_bytes(stored)
    with pytest.raises(SettingsDamaged, match="of the machine one can't be read") as raised:
        Settings.read(tmp_path / "one")
    assert str(tmp_path / "one" / "settings.json") in str(raised.value)


def test_changes_make_a_copy() -> None:
    """`changed` returns a copy with the new values and leaves the original as it was."""
    settings = Settings("one")
    assert settings.changed(memory_mb=2048).memory_mb == 2048
    assert settings.memory_mb == 1024


@pytest.mark.parametrize("name", ["a", "default", "second-one", "x1", "a" * 40])
def test_valid_names(user_folders: Path, name: str) -> None:
    """A valid name has a folder of its own, directly in the folder of machines."""
    assert instance_folder(name).parent == machines_folder()


@pytest.mark.parametrize(
    "name", ["", "A", "-x", "1a", "a/b", "../x", ".", "a" * 41, "a b", "a\n", "ä", "a_b", "a\0", "--help"]
)
def test_invalid_names(user_folders: Path, name: str) -> None:
    """A string that could be an option, a path or another machine's name is refused, and no folder is created."""
    with pytest.raises(BadName, match="1 to 40 lower-case letters"):
        instance_folder(name)
    assert not (user_folders / "data" / "drydock").exists()


def test_machines_are_private(user_folders: Path) -> None:
    """The folder of machines has private keys in it, and only its owner may open it."""
    assert machines_folder().stat().st_mode & 0o777 == 0o700
