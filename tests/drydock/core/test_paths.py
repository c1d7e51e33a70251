"""Folders are the user's own, made when missing, and short enough where sockets lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drydock.core import paths


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("XDG_CACHE_HOME", paths.cache_folder), ("XDG_DATA_HOME", paths.data_folder)],
)
def test_a_folder_is_made_where_the_user_wants_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, folder: Callable[[], Path]
) -> None:
    """The usual variables say where; the folder is there afterwards and nobody else may look into it."""
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    found = folder()
    assert found == tmp_path / "elsewhere" / "drydock"
    assert found.stat().st_mode & 0o777 == 0o700
    assert folder() == found


@pytest.mark.parametrize("base", ["", "/nonexistent", "/" + "long" * 20])
def test_a_socket_folder_is_short_whatever_is_set(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """A runtime folder that is unset, not there or too long is not used; a socket's path has at most 107 bytes."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", base)
    folder = paths.socket_folder("a-name-of-forty-letters-which-is-allowed")
    try:
        assert folder.parent == Path("/tmp")
        assert len(str(folder)) < 60
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        folder.rmdir()


def test_two_socket_folders_are_two() -> None:
    """Two machines of one name, one after the other, never share a folder."""
    first, second = paths.socket_folder("one"), paths.socket_folder("one")
    try:
        assert first != second
    finally:
        first.rmdir()
        second.rmdir()
