"""Python packages from a lock: the bytes the lock means, or none."""

from __future__ import annotations

import re
import sys
import venv
from pathlib import Path

import pytest

from drydock.errors import CommandFailed
from drydock.images import wheels
from drydock.images.recipe import RECIPES


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of one small package, as it stands in the kernel image's."""
    whole = (RECIPES / "kernel" / "lock.txt").read_text()
    entry = re.search(r"^idna==.*(?:\n    .*)*", whole, re.MULTILINE)
    assert entry is not None
    file = tmp_path / "lock.txt"
    file.write_text(entry[0] + "\n")
    return file


def test_the_locked_version_is_unpacked(lock: Path, tmp_path: Path) -> None:
    """The package lies in the folder, ready to be imported by the image's Python."""
    wheels.unpack(lock, tmp_path / "packages")
    assert (tmp_path / "packages" / "idna" / "__init__.py").is_file()


def test_another_hash_is_refused(lock: Path, tmp_path: Path) -> None:
    """A package whose bytes are not those the lock means is not taken."""
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, lock.read_text()))
    with pytest.raises(CommandFailed, match=r"(?i)hash"):
        wheels.unpack(lock, tmp_path / "packages")


def test_without_uv_pip_does_it(lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer whose Python has no uv beside it gets the same files."""
    venv.create(tmp_path / "venv", with_pip=True, symlinks=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "bin" / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    wheels.unpack(lock, tmp_path / "packages")
    assert (tmp_path / "packages" / "idna" / "__init__.py").is_file()
