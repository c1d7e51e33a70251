"""Files that are replaced as a whole."""

from __future__ import annotations

import ast
import fcntl
import os
import sys
import threading
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


def test_a_place_that_can_have_no_file_is_refused_before_the_work(tmp_path: Path) -> None:
    """The error names the place, and not the path beside it; the block is not entered."""
    (tmp_path / "folder").mkdir()
    places = {
        tmp_path / "folder": IsADirectoryError,
        Path("/"): IsADirectoryError,
        tmp_path / "a" / "b": FileNotFoundError,
    }
    for place, kind in places.items():
        with pytest.raises(kind) as raised, files.replacing(place):
            raise AssertionError
        assert Path(raised.value.filename) in (place, place.parent)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


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


def test_writers_do_not_meet(tmp_path: Path) -> None:
    """Two threads that replace a file at the same time write to two paths, and each content arrives whole."""
    file = tmp_path / "settings.json"
    barrier = threading.Barrier(2)
    used: list[str] = []

    def write(text: str) -> None:
        with files.replacing(file) as temporary:
            temporary.write_text(text)
            used.append(temporary.name)
            barrier.wait(20)
            assert temporary.read_text() == text

    threads = [threading.Thread(target=write, args=(text,)) for text in ("a" * 50, "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(used)) == 2
    assert list(tmp_path.iterdir()) == [file]


def test_what_killed_writers_left_is_removed_after_a_day(tmp_path: Path) -> None:
    """A younger file may be another writer's; the file beside it has another name."""
    file = tmp_path / "a[1].json"
    old, young, other = (tmp_path / f".{name}.new" for name in ("a[1].json.7-1f", "a[1].json.8-1f", "b.json.7-1f"))
    for leftover in (old, young, other):
        leftover.touch()
    for leftover in (old, other):
        os.utime(leftover, (0, 0))
    files.write_atomically(file, "new")
    assert sorted(tmp_path.iterdir()) == sorted([young, other, file])


def test_a_system_without_locks_goes_on_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the block runs; elsewhere a second process waits for the first."""
    with (tmp_path / "first").open("w") as first, (tmp_path / "first").open("w") as second:
        with files.locked(first.fileno()), pytest.raises(BlockingIOError):
            fcntl.flock(second.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        monkeypatch.setitem(sys.modules, "fcntl", None)
        with files.locked(second.fileno()):
            pass


def test_text_is_read_and_written_in_utf_8() -> None:
    """No call that a student's computer runs depends on its encoding, which on Windows is another one."""
    package = Path(files.__file__).parents[1]
    modules = [path for path in package.rglob("*.py") if package / "machine" not in path.parents]
    missing = [
        f"{path}:{node.lineno}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("read_text", "write_text")
        if not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]
    assert missing == []
