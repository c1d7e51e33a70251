"""Building the artifacts that every machine boots from: a kernel, and a base disk with the course's images.

    kernel-debian-KEY/   linux, lib/, modules.img
    base-KEY/            disk.img (shared, never written again), tools/ (docker, buildx and compose for the host)

Both are folders in the artifact cache, named by a hash of what they are built from, so nothing is built twice.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from drydock import images
from drydock.core.progress import print_line, step
from drydock.machine.artifacts import kernel_source, prelink, rootfs
from drydock.machine.guest import seed
from drydock.machine.host import preflight
from drydock.machine.store import artifact_cache
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import BASE_GB, MAX_GB
from drydock.machine.supervisor.scratch import ScratchMachine

#: Programs that are copied out of the guest, for computers that have no docker CLI of their own.
_TOOLS = (
    "usr/bin/docker",
    "usr/libexec/docker/cli-plugins/docker-buildx",
    "usr/libexec/docker/cli-plugins/docker-compose",
)

#: Programs that start for every container or command, and so are prelinked.
_PRELINKED = ("usr/sbin/dockerd", "usr/bin/docker", "usr/bin/crun")


@dataclass(frozen=True)
class Artifacts:
    """What machines are made of: the kernel's files, and the folder with the base disk and the tools."""

    kernel: KernelFiles
    base: Path


def find(source: str | None = None) -> Artifacts | None:
    """Return the artifacts of the current recipe, or None when they are not in the cache.

    ``source`` names a kernel source; the default is :func:`.kernel_source.default`.
    """
    kernel = kernel_source.find(source or kernel_source.default())
    base = artifact_cache.find(base_cache_name())
    return Artifacts(kernel, base) if kernel and base else None


def find_or_build(source: str | None = None, *, again: bool = False) -> Artifacts:
    """Return the artifacts; build the ones that are not in the cache (``again``: all of them), and print each step.

    ``source`` names a kernel source; the default is :func:`.kernel_source.default`.
    """
    source = source or kernel_source.default()
    artifacts = None if again else find(source)
    if artifacts is not None:
        return artifacts
    preflight.check_build()
    if again:
        artifact_cache.discard(kernel_source.cache_name(source))
        artifact_cache.discard(base_cache_name())
    print_line("Building the kernel and the base disk of Drydock machines. This happens once and takes minutes.")
    kernel = kernel_source.find_or_build(source)
    base = artifact_cache.find_or_build(base_cache_name(), lambda folder, final: _build_base(folder, kernel))
    return Artifacts(kernel, base)


def base_cache_name() -> str:
    """Return the name of the base disk's folder in the artifact cache for the current recipe."""
    recipe = [Path(__file__), Path(seed.__file__), Path(prelink.__file__), *rootfs.source_files()]
    return f"base-{artifact_cache.key([*recipe, images.key()])}"


def _build_base(folder: Path, kernel: KernelFiles) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        tree = Path(scratch) / "tree"
        tree.mkdir()
        rootfs.unpack(tree)
        _copy_tools(tree, folder / "tools")
        for name in _PRELINKED:
            prelink.prelink(tree / name)
        disk = folder / "disk.img"
        with step("Making the disk"):
            kernel_source.make_disk(disk, tree, BASE_GB << 10)
            # The largest size that a machine can request; the file is sparse, so it takes no space.
            os.truncate(disk, MAX_GB << 30)
    _build_images(disk, kernel)


def _copy_tools(tree: Path, folder: Path) -> None:
    for name in _TOOLS:
        target = folder / ("cli-plugins" if "cli-plugins" in name else "bin") / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree / name, target)
    (folder / "bin" / "docker-compose").symlink_to("../cli-plugins/docker-compose")


def _build_images(disk: Path, kernel: KernelFiles) -> None:
    """Build the course's images in a scratch machine, which writes to the base disk itself."""
    scratch = ScratchMachine(disk, kernel)
    with step("Booting the base disk for the first time"):
        scratch.start()
    try:
        with closing(scratch.client(timeout=600)) as client:
            images.build(client)
        scratch.ask("trim")
    finally:
        scratch.remove()
