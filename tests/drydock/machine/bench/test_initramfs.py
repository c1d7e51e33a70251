"""What QEMU boots first: modules in order, in an archive that the kernel can read."""

from __future__ import annotations

import lzma
import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.machine.bench import initramfs


def module(folder: Path, name: str, *needs: str) -> None:
    """A compressed file that has of a kernel module only what it says it needs."""
    data = b"ELF\0license=GPL\0depends=" + ",".join(needs).encode() + b"\0name=x\0"
    (folder / f"{name}.ko.xz").write_bytes(lzma.compress(data))


def test_what_a_module_needs_comes_before_it(tmp_path: Path) -> None:
    """Dependencies of dependencies too, each once; a dash in a file's name is an underscore in a module's."""
    module(tmp_path, "top", "middle", "other-one")
    module(tmp_path, "middle", "low")
    module(tmp_path, "other-one", "low")
    module(tmp_path, "low")
    assert list(initramfs.in_order(tmp_path, ("top", "low"))) == ["low", "middle", "other_one", "top"]


def test_a_module_that_is_built_in(tmp_path: Path) -> None:
    """What isn't among the files is in the kernel, and nothing to load."""
    module(tmp_path, "top", "builtin")
    assert list(initramfs.in_order(tmp_path, ("top", "absent"))) == ["top"]


@pytest.mark.parametrize(
    ("data", "names"),
    [(b"\0depends=\0", []), (b"\0depends=a,b-c\0", ["a", "b_c"]), (b"no word of it", [])],
)
def test_what_a_module_says(data: bytes, names: list[str]) -> None:
    """It may say nothing, that it needs nothing, or names."""
    assert initramfs.depends(data) == names


@pytest.mark.skipif(shutil.which("cpio") is None, reason="cpio is not installed")
def test_cpio_reads_the_archive(tmp_path: Path) -> None:
    """Folders come before what is in them, and the files are what they were."""
    packed = initramfs.pack({"init": b"#!/bin/sh\n", "a/b/c": b"12345"})
    subprocess.run(["cpio", "--extract", "--quiet"], cwd=tmp_path, input=packed, check=True)
    assert (tmp_path / "a/b/c").read_bytes() == b"12345"
    assert (tmp_path / "init").stat().st_mode & 0o777 == 0o755
    assert all((tmp_path / name).is_dir() for name in ("dev", "proc", "sys", "disk"))


def test_the_archive_is_aligned() -> None:
    """Each entry begins at a multiple of four bytes, as the kernel wants it."""
    packed = initramfs.pack({"x": b"1", "yy": b"22", "zzz": b"333"})
    assert len(packed) % 4 == 0
    assert all(packed.index(b"070701", at) % 4 == 0 for at in range(0, len(packed) - 130, 4))
