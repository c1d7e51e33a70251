"""From nothing to what every machine is started from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock import images
from drydock.errors import NoSpace
from drydock.machine.artifacts import kernel_source, machine_build, rootfs
from drydock.machine.host import preflight
from drydock.machine.store import artifact_cache


def finished(home: Path, name: str) -> Path:
    """A folder of the cache that counts as built."""
    folder = home / "cache" / "drydock" / name
    folder.mkdir(parents=True)
    (folder / artifact_cache.MANIFEST).write_text("{}")
    return folder


def test_the_base_is_named_by_all_its_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A change in any of the guest's files or the images is another base; the same recipe is the same base."""
    before = machine_build.base_name()
    assert machine_build.base_name() == before
    changed = tmp_path / "boot"
    changed.write_text("#!/bin/sh\n# changed\n")
    real = rootfs.sources()
    for place in range(len(real)):
        monkeypatch.setattr(rootfs, "sources", lambda place=place: [*real[:place], changed, *real[place + 1 :]])
        assert machine_build.base_name() != before
    monkeypatch.setattr(rootfs, "sources", lambda: real)
    monkeypatch.setattr(images, "key", lambda: "other images")
    assert machine_build.base_name() != before


def test_ready_when_both_parts_are(home: Path) -> None:
    """A kernel without a base, or a base without a kernel, is nothing to start from."""
    assert machine_build.ready() is None
    base = finished(home, machine_build.base_name())
    assert machine_build.ready() is None
    folder = finished(home, kernel_source.folder_name("debian"))
    parts = machine_build.ready()
    assert parts is not None
    assert parts.base == base
    assert parts.kernel.program == folder / "linux"
    assert machine_build.build() == parts


def test_no_room_to_build(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk too small to build on is said to be, before anything is fetched."""
    monkeypatch.setattr(preflight, "BUILD_BYTES", 1 << 60)
    with pytest.raises(NoSpace):
        machine_build.build()
    assert list((home / "cache" / "drydock").iterdir()) == []


def test_tools_are_taken_for_the_host(tmp_path: Path) -> None:
    """The docker command, buildx and compose are copied, executable, and compose has its old name too."""
    for name in machine_build._TOOLS:
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(name)
        (tmp_path / "tree" / name).chmod(0o755)
    machine_build._take_tools(tmp_path / "tree", tmp_path / "tools")
    for name in ("bin/docker", "bin/docker-compose", "cli-plugins/docker-buildx", "cli-plugins/docker-compose"):
        assert os.access(tmp_path / "tools" / name, os.X_OK)


def test_a_build_that_fails_leaves_no_half(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When unpacking fails in the midst, the cache has neither a base nor a scratch folder, and the kernel stays."""
    finished(home, kernel_source.folder_name("debian"))

    def fails(tree: Path) -> None:
        (tree / "half").touch()
        raise RuntimeError("the network went away")

    monkeypatch.setattr(rootfs, "unpack", fails)
    with pytest.raises(RuntimeError, match="went away"):
        machine_build.build()
    left = {path.name for path in (home / "cache" / "drydock").iterdir() if path.is_dir()}
    assert left == {kernel_source.folder_name("debian")}


@pytest.mark.live
@pytest.mark.timeout(1200)  # where the cache is empty it is this test that builds
def test_the_base_has_the_images_baked_in_and_is_sparse() -> None:
    """The shared disk is large to look at and small in fact, and what is in the cache is as it was built."""
    base = machine_build.build().base
    artifact_cache.verify(base)
    facts = (base / "disk.img").stat()
    assert facts.st_size == 32 << 30
    assert facts.st_blocks * 512 < 3 << 30
