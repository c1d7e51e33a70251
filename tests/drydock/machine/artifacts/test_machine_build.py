"""Finding and building the artifacts that every machine boots from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from drydock import images
from drydock.errors import BootFailed, NoSpace
from drydock.machine.artifacts import kernel_source, machine_build, rootfs
from drydock.machine.host import preflight
from drydock.machine.store import artifact_cache
from drydock.machine.store.gc import remove_leftovers
from drydock.machine.store.instance import Instance
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import machines_folder
from drydock.machine.supervisor import rpc
from drydock.machine.supervisor.launcher import Launcher
from drydock.machine.supervisor.scratch import ScratchMachine


def in_cache(user_folders: Path, name: str) -> Path:
    """Create an empty folder that the cache takes for complete."""
    folder = user_folders / "cache" / "drydock" / name
    folder.mkdir(parents=True)
    (folder / artifact_cache.MANIFEST).write_text("{}")
    return folder


def test_the_name_of_the_base_depends_on_all_its_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A change in any of the guest's files or images gives another name; the same recipe gives the same name."""
    before = machine_build.base_cache_name()
    assert machine_build.base_cache_name() == before
    changed = tmp_path / "boot"
    changed.write_text("#!/bin/sh\n# changed\n")
    sources = rootfs.source_files()
    for index in range(len(sources)):
        monkeypatch.setattr(
            rootfs, "source_files", lambda index=index: [*sources[:index], changed, *sources[index + 1 :]]
        )
        assert machine_build.base_cache_name() != before
    monkeypatch.setattr(rootfs, "source_files", lambda: sources)
    monkeypatch.setattr(images, "key", lambda: "other images")
    assert machine_build.base_cache_name() != before


def test_both_artifacts_are_needed(user_folders: Path) -> None:
    """Only a kernel together with a base disk is found."""
    assert machine_build.find() is None
    base = in_cache(user_folders, machine_build.base_cache_name())
    assert machine_build.find() is None
    folder = in_cache(user_folders, kernel_source.cache_name("debian"))
    artifacts = machine_build.find()
    assert artifacts is not None
    assert artifacts.base == base
    assert artifacts.kernel.program == folder / "linux"
    assert machine_build.find_or_build() == artifacts


def test_too_little_disk_space(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little free disk space is an error before anything is downloaded."""
    monkeypatch.setattr(preflight, "BUILD_BYTES", 1 << 60)
    with pytest.raises(NoSpace):
        machine_build.find_or_build()
    assert list((user_folders / "cache" / "drydock").iterdir()) == []


def test_tools_are_copied(tmp_path: Path) -> None:
    """docker, buildx and compose are copied and executable, and compose also has its old name."""
    for name in machine_build._TOOLS:
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(name)
        (tmp_path / "tree" / name).chmod(0o755)
    machine_build._copy_tools(tmp_path / "tree", tmp_path / "tools")
    for name in ("bin/docker", "bin/docker-compose", "cli-plugins/docker-buildx", "cli-plugins/docker-compose"):
        assert os.access(tmp_path / "tools" / name, os.X_OK)


def test_a_failed_build_leaves_nothing(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When unpacking fails, the cache has neither a base nor a temporary folder, and the kernel is kept."""
    in_cache(user_folders, kernel_source.cache_name("debian"))

    def fails(tree: Path) -> None:
        (tree / "half").touch()
        raise RuntimeError("the network went away")

    monkeypatch.setattr(rootfs, "unpack", fails)
    with pytest.raises(RuntimeError, match="went away"):
        machine_build.find_or_build()
    folders = {path.name for path in (user_folders / "cache" / "drydock").iterdir() if path.is_dir()}
    assert folders == {kernel_source.cache_name("debian")}


@pytest.mark.live
@pytest.mark.timeout(1200)  # with an empty cache, this test builds
def test_the_base_disk_is_sparse() -> None:
    """The base disk has its full size but uses much less, and the cache's check finds it as it was built."""
    base = machine_build.find_or_build().base
    artifact_cache.verify(base)
    stat = (base / "disk.img").stat()
    assert stat.st_size == 32 << 30
    assert stat.st_blocks * 512 < 3 << 30


@pytest.fixture
def scratch(user_folders: Path) -> ScratchMachine:
    """A scratch machine that was not started."""
    return ScratchMachine(user_folders / "disk.img", KernelFiles(user_folders / "linux", None))


def test_what_a_killed_one_leaves_is_removed(scratch: ScratchMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scratch machine killed with its owner is found like other temporary machines, and not while it starts."""
    removed: list[int] = []
    monkeypatch.setattr(Launcher, "launch", lambda self, owned: removed.append(remove_leftovers()))
    scratch.start()
    assert removed == [0]
    assert remove_leftovers() == 1
    assert list(machines_folder().iterdir()) == []


def test_a_failed_start_leaves_nothing(scratch: ScratchMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed boot, neither the folder nor the lock is left."""

    def launch(self: Launcher, owned: bool) -> None:
        raise BootFailed("it ended", "")

    monkeypatch.setattr(Launcher, "launch", launch)
    with pytest.raises(BootFailed):
        scratch.start()
    assert list(machines_folder().iterdir()) == []


def test_a_request_may_take_as_long_as_the_guest_may(scratch: ScratchMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor waits for the guest's ``trim`` for 60 s, and this process waits longer for the supervisor."""
    deadlines: list[float] = []

    def call(path: Path, verb: str, *, seconds: float = 30, **arguments: Any) -> None:
        deadlines.append(seconds)

    monkeypatch.setattr(Instance, "state", lambda self: {"sockets": "/nowhere"})
    monkeypatch.setattr(rpc, "call", call)
    scratch.ask("trim")
    assert deadlines[0] > 60
