"""Python packages from a lock file: only wheels with the locked hash are unpacked."""

from __future__ import annotations

import re
import sys
import venv
from pathlib import Path

import pytest

from drydock.errors import CommandFailed, PipMissing
from drydock.images import wheels
from drydock.images.recipe import RECIPES


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file with one small package, copied from the kernel image's lock file."""
    whole = (RECIPES / "kernel" / "lock.txt").read_text()
    entry = re.search(r"^idna==.*(?:\n    .*)*", whole, re.MULTILINE)
    assert entry is not None
    file = tmp_path / "lock.txt"
    file.write_text(entry[0] + "\n")
    return file


def test_the_locked_version_is_unpacked(lock: Path, tmp_path: Path) -> None:
    """The package is in the folder, where the image's Python can import it."""
    wheels.unpack(lock, tmp_path / "packages")
    assert (tmp_path / "packages" / "idna" / "__init__.py").is_file()


def test_another_hash_is_refused(lock: Path, tmp_path: Path) -> None:
    """A wheel with another hash than the lock file's raises an error."""
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, lock.read_text()))
    with pytest.raises(CommandFailed, match=r"(?i)hash"):
        wheels.unpack(lock, tmp_path / "packages")


@pytest.mark.slow
def test_pip_is_used_without_uv(lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without uv gets the same files from pip."""
    venv.create(tmp_path / "venv", with_pip=True, symlinks=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "bin" / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    wheels.unpack(lock, tmp_path / "packages")
    assert (tmp_path / "packages" / "idna" / "__init__.py").is_file()


def test_neither_uv_nor_pip_is_a_finished_message(lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without uv and pip gets the command that adds pip."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(PipMissing, match=r"/nowhere/python -m ensurepip"):
        wheels.unpack(lock, tmp_path / "packages")
