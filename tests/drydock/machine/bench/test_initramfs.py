"""The initramfs that QEMU boots: modules in load order, in an archive that the kernel can read."""

from __future__ import annotations

import lzma
import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.machine.bench import initramfs


def module(folder: Path, name: str, *depends: str) -> None:
    """Write a compressed kernel module that has nothing but its list of dependencies."""
    data = b"ELF\0license=GPL\0depends=" + ",".join(depends).encode() + b"\0name=x\0"
    (folder / f"{name}.ko.xz").write_bytes(lzma.compress(data))


def test_dependencies_come_first(tmp_path: Path) -> None:
    """Dependencies of dependencies are included once; a dash in a file's name is an underscore in a module's."""
    module(tmp_path, "top", "middle", "other-one")
    module(tmp_path, "middle", "low")
    module(tmp_path, "other-one", "low")
    module(tmp_path, "low")
    assert list(initramfs.in_load_order(tmp_path, ("top", "low"))) == ["low", "middle", "other_one", "top"]


def test_built_in_modules_are_left_out(tmp_path: Path) -> None:
    """A module without a file is built into the kernel and is not loaded."""
    module(tmp_path, "top", "builtin")
    assert list(initramfs.in_load_order(tmp_path, ("top", "absent"))) == ["top"]


@pytest.mark.parametrize(
    ("data", "names"),
    [(b"\0depends=\0", []), (b"\0depends=a,b-c\0", ["a", "b_c"]), (b"no field of that name", [])],
)
def test_the_depends_field(data: bytes, names: list[str]) -> None:
    """The field may be missing, empty, or a list of names."""
    assert initramfs.dependencies(data) == names


@pytest.mark.skipif(shutil.which("cpio") is None, reason="cpio is not installed")
def test_cpio_reads_the_archive(tmp_path: Path) -> None:
    """cpio extracts the files with their content and modes, and the folders exist."""
    archive = initramfs.cpio_archive({"init": b"#!/bin/sh\n", "a/b/c": b"12345"})
    subprocess.run(["cpio", "--extract", "--quiet"], cwd=tmp_path, input=archive, check=True)
    assert (tmp_path / "a/b/c").read_bytes() == b"12345"
    assert (tmp_path / "init").stat().st_mode & 0o777 == 0o755
    assert all((tmp_path / name).is_dir() for name in ("dev", "proc", "sys", "disk"))


def test_the_archive_is_aligned() -> None:
    """Each entry begins at a multiple of four bytes, as the kernel requires."""
    archive = initramfs.cpio_archive({"x": b"1", "yy": b"22", "zzz": b"333"})
    assert len(archive) % 4 == 0
    assert all(archive.index(b"070701", start) % 4 == 0 for start in range(0, len(archive) - 130, 4))
