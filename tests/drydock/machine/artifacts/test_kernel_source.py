"""Where the kernel comes from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drydock.errors import BadSetting, CommandFailed
from drydock.machine.artifacts import kernel_source, rootfs
from drydock.machine.store import artifact_cache


def test_each_source_is_known_by_its_name() -> None:
    """The word on the command line is the source's own."""
    assert {name: source.name for name, source in kernel_source.SOURCES.items()} == {
        "debian": "debian",
        "compiled": "compiled",
    }


def test_debians_is_the_default_until_one_is_compiled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for a compiler; who has compiled one gets it."""
    monkeypatch.delenv("DRYDOCK_KERNEL", raising=False)
    assert kernel_source.default() == "debian"
    folder = home / "cache" / "drydock" / kernel_source.folder_name("compiled")
    folder.mkdir(parents=True)
    (folder / artifact_cache.MANIFEST).write_text("{}")
    assert kernel_source.default() == "compiled"


def test_a_choice_without_an_argument(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable decides, whatever is in the cache; a word that means none is told with those that do."""
    monkeypatch.setenv("DRYDOCK_KERNEL", "compiled")
    assert kernel_source.default() == "compiled"
    monkeypatch.setenv("DRYDOCK_KERNEL", "fastest")
    with pytest.raises(BadSetting, match="DRYDOCK_KERNEL=fastest") as caught:
        kernel_source.default()
    assert "compiled, debian" in caught.value.next


def test_the_key_is_the_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another suite or another package is another kernel."""
    before = kernel_source.folder_name("debian")
    monkeypatch.setattr(rootfs, "SUITE", "forky")
    assert kernel_source.folder_name("debian") != before
    monkeypatch.undo()
    assert kernel_source.folder_name("debian") == before
    monkeypatch.setattr(kernel_source.DebianKernel, "_packages", ("user-mode-linux",))
    assert kernel_source.folder_name("debian") != before


def test_a_disk_is_roots_though_nobody_was_root(tmp_path: Path) -> None:
    """What an ordinary user puts on a disk belongs to root there, links and modes kept."""
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    (tree / "folder" / "program").write_text("#!/bin/sh\n")
    (tree / "folder" / "program").chmod(0o755)
    kernel_source.make_disk(tmp_path / "disk", tree, 8, journal=False)

    def look(request: str) -> str:
        words = ["debugfs", "-R", request, str(tmp_path / "disk")]
        path = "/usr/sbin:/sbin:/usr/bin:/bin"
        return subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=True).stdout

    said = look("stat /folder/program")
    assert "User:     0   Group:     0" in said
    assert "Mode:  0755" in said
    assert (tmp_path / "disk").stat().st_size == 8 << 20


def test_a_disk_too_small_is_told(tmp_path: Path) -> None:
    """When the files don't fit, mke2fs' own words are the reason."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_bytes(b"x" * (4 << 20))
    with pytest.raises(CommandFailed, match="mke2fs"):
        kernel_source.make_disk(tmp_path / "disk", tmp_path / "tree", 2)


def test_modules_with_all_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of modules holds what is wanted and what that depends on, and says what to load first."""
    version = tmp_path / "6.12-um"
    for name in ("overlay", "bridge", "stp", "unneeded"):
        (version / "kernel").mkdir(parents=True, exist_ok=True)
        (version / "kernel" / f"{name}.ko").write_text(name)
    needs = "kernel/overlay.ko:\nkernel/bridge.ko: kernel/stp.ko\nkernel/stp.ko:\nkernel/unneeded.ko:\n"
    (version / "modules.dep").write_text(needs)
    made: list[Path] = []
    monkeypatch.setattr(kernel_source, "make_disk", lambda file, tree, *rest, **more: made.append(tree))
    (tmp_path / "scratch").mkdir()
    kernel_source._take_modules(version, tmp_path / "scratch", tmp_path)
    kept = made[0] / "6.12-um"
    assert {path.name for path in kept.rglob("*.ko")} == {"overlay.ko", "bridge.ko", "stp.ko"}
    assert (made[0] / "at-boot").read_text().splitlines() == ["overlay", "bridge"]
    assert (kept / "modules.dep").read_text() == needs


def test_a_program_without_a_loader_is_left_alone(tmp_path: Path) -> None:
    """A compiled kernel uses this computer's C library, and there is nothing to relocate."""
    (tmp_path / "linux").write_text("as it was")
    kernel_source.relocate(tmp_path, tmp_path / "final")
    assert (tmp_path / "linux").read_text() == "as it was"
