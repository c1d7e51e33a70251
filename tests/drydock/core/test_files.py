"""Files that are replaced as a whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock.core import files


def test_the_content_is_replaced(tmp_path: Path) -> None:
    """The file has the new text, and no other file is in the folder."""
    file = tmp_path / "settings.json"
    files.write_atomically(file, "old")
    files.write_atomically(file, "näu", sync=True)
    assert file.read_bytes() == "näu".encode()
    assert list(tmp_path.iterdir()) == [file]


def interrupted_write(file: Path) -> None:
    """Begin to replace a file, and raise an error in the middle of it."""
    with files.replacing(file) as temporary:
        temporary.write_text("ne")
        raise KeyboardInterrupt


def test_a_failed_write_changes_nothing(tmp_path: Path) -> None:
    """After an error in the middle of writing, the file has its old content and the unfinished copy is gone."""
    file = tmp_path / "settings.json"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        interrupted_write(file)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_an_open_file_keeps_its_content(tmp_path: Path) -> None:
    """A program that has the file open reads the old content to its end: the new content is another file."""
    file = tmp_path / "settings.json"
    file.write_text("old")
    with file.open() as stream:
        files.write_atomically(file, "new and longer")
        assert stream.read() == "old"
    assert file.read_text() == "new and longer"


def test_with_sync_the_data_is_written_before_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``sync``, the whole text is in the temporary file and synchronised while the old file is in place."""
    file = tmp_path / "verdict.json"
    file.write_text("old")
    synced: list[tuple[str, int]] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append((file.read_text(), os.fstat(number).st_size)))
    files.write_atomically(file, "new text", sync=True)
    assert synced == [("old", 8)]
    assert file.read_text() == "new text"
