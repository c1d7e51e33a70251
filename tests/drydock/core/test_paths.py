"""The folders that Drydock creates on this computer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from drydock.core import paths
from drydock.errors import NoHome


@pytest.mark.parametrize(
    ("variable", "function"),
    [("XDG_CACHE_HOME", paths.cache_folder), ("XDG_DATA_HOME", paths.data_folder)],
)
def test_folder_follows_the_xdg_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, function: Callable[[], Path]
) -> None:
    """The folder is created where the user's XDG variable says, and only its owner may read it."""
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    folder = function()
    assert folder == tmp_path / "elsewhere" / "drydock"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert function() == folder


@pytest.mark.parametrize("function", [paths.home, paths.cache_folder, paths.data_path])
def test_a_user_without_a_home_folder(no_home: pytest.MonkeyPatch, function: Callable[[], Path]) -> None:
    """The error has the variable to set; with the variables of XDG nothing is missing."""
    with pytest.raises(NoHome, match="Set HOME to a folder that you can write"):
        function()


def test_older_versions_of_platformdirs_have_no_error(no_home: pytest.MonkeyPatch) -> None:
    """They return a path that begins with "~", which would be a folder of that name in the current one."""
    no_home.setattr(platformdirs, "user_data_dir", lambda name, appauthor: "~/.local/share/drydock")
    with pytest.raises(NoHome):
        paths.data_path()


@pytest.mark.parametrize("name", ["a b", "a,b", "a:b", "é" * 15])
def test_socket_folder_has_a_plain_path(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A runtime folder whose name a kernel's command line can't have, or that is long in bytes, is not used."""
    base = Path(f"/tmp/{name}-{os.getpid()}")
    base.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(base))
    try:
        folder = paths.socket_folder("one")
        folder.rmdir()
        assert folder.parent == Path("/tmp")
    finally:
        base.rmdir()


@pytest.mark.parametrize("base", ["", "/nonexistent", "/" + "long" * 20])
def test_socket_folder_has_a_short_path(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """A runtime folder that is unset, missing or too long is not used: a socket's path has at most 107 bytes."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", base)
    folder = paths.socket_folder("a-name-of-forty-letters-which-is-allowed")
    try:
        assert folder.parent == Path("/tmp")
        assert len(str(folder)) < 60
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        folder.rmdir()


def test_socket_folders_are_different() -> None:
    """Two machines with the same name never have the same socket folder."""
    first, second = paths.socket_folder("one"), paths.socket_folder("one")
    try:
        assert first != second
    finally:
        first.rmdir()
        second.rmdir()
