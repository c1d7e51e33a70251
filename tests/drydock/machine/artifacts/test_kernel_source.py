"""The sources of the kernel, their keys, and the disks that are made for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drydock.errors import BadSetting, CommandFailed
from drydock.machine.artifacts import kernel_source, rootfs
from drydock.machine.store import artifact_cache


def test_sources_are_listed_by_name() -> None:
    """Each source is listed under its own name, which is also used on the command line."""
    assert {name: source.name for name, source in kernel_source.SOURCES.items()} == {
        "debian": "debian",
        "compiled": "compiled",
    }


def test_debians_kernel_is_the_default_until_one_is_compiled(
    user_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No user must wait for a compiler; a user who has compiled a kernel gets that one."""
    monkeypatch.delenv("DRYDOCK_KERNEL", raising=False)
    assert kernel_source.default() == "debian"
    folder = user_folders / "cache" / "drydock" / kernel_source.cache_name("compiled")
    folder.mkdir(parents=True)
    (folder / artifact_cache.MANIFEST).write_text("{}")
    assert kernel_source.default() == "compiled"


def test_the_variable_selects_a_source(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable decides, whatever is in the cache; the error for an unknown name lists the known ones."""
    monkeypatch.setenv("DRYDOCK_KERNEL", "compiled")
    assert kernel_source.default() == "compiled"
    monkeypatch.setenv("DRYDOCK_KERNEL", "fastest")
    with pytest.raises(BadSetting, match="DRYDOCK_KERNEL=fastest") as caught:
        kernel_source.default()
    assert "compiled, debian" in caught.value.next


def test_the_key_depends_on_suite_and_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another suite or another package gives another name in the cache."""
    before = kernel_source.cache_name("debian")
    monkeypatch.setattr(rootfs, "SUITE", "forky")
    assert kernel_source.cache_name("debian") != before
    monkeypatch.undo()
    assert kernel_source.cache_name("debian") == before
    monkeypatch.setattr(kernel_source.DebianKernel, "_packages", ("user-mode-linux",))
    assert kernel_source.cache_name("debian") != before


def test_files_on_a_disk_belong_to_root(tmp_path: Path) -> None:
    """Files that an ordinary user writes to a disk image belong to root there and keep their modes."""
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    (tree / "folder" / "program").write_text("#!/bin/sh\n")
    (tree / "folder" / "program").chmod(0o755)
    kernel_source.make_disk(tmp_path / "disk", tree, 8, journal=False)

    def debugfs(request: str) -> str:
        words = ["debugfs", "-R", request, str(tmp_path / "disk")]
        path = "/usr/sbin:/sbin:/usr/bin:/bin"
        return subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=True).stdout

    output = debugfs("stat /folder/program")
    assert "User:     0   Group:     0" in output
    assert "Mode:  0755" in output
    assert (tmp_path / "disk").stat().st_size == 8 << 20


def test_too_small_a_disk_fails(tmp_path: Path) -> None:
    """When the files don't fit, the error has mke2fs' message."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_bytes(b"x" * (4 << 20))
    with pytest.raises(CommandFailed, match="mke2fs"):
        kernel_source.make_disk(tmp_path / "disk", tmp_path / "tree", 2)


def test_modules_with_their_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has the listed modules and their dependencies, and a file with the modules to load at boot."""
    version = tmp_path / "6.12-um"
    for name in ("overlay", "bridge", "stp", "unneeded"):
        (version / "kernel").mkdir(parents=True, exist_ok=True)
        (version / "kernel" / f"{name}.ko").write_text(name)
    dependencies = "kernel/overlay.ko:\nkernel/bridge.ko: kernel/stp.ko\nkernel/stp.ko:\nkernel/unneeded.ko:\n"
    (version / "modules.dep").write_text(dependencies)
    trees: list[Path] = []
    monkeypatch.setattr(kernel_source, "make_disk", lambda file, tree, *rest, **more: trees.append(tree))
    (tmp_path / "scratch").mkdir()
    kernel_source._make_modules_disk(version, tmp_path / "scratch", tmp_path)
    copies = trees[0] / "6.12-um"
    assert {path.name for path in copies.rglob("*.ko")} == {"overlay.ko", "bridge.ko", "stp.ko"}
    assert (trees[0] / "at-boot").read_text().splitlines() == ["overlay", "bridge"]
    assert (copies / "modules.dep").read_text() == dependencies


def test_a_program_without_its_own_loader_is_unchanged(tmp_path: Path) -> None:
    """A compiled kernel uses this computer's C library, so its loader is not changed."""
    (tmp_path / "linux").write_text("as it was")
    kernel_source.set_loader(tmp_path, tmp_path / "final")
    assert (tmp_path / "linux").read_text() == "as it was"
