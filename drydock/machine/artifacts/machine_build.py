"""From nothing to what every machine is started from: a kernel, and a base disk with the images baked in.

    kernel-debian-KEY/   linux, lib/, modules.img
    base-KEY/            disk.img (shared, never written again), tools/ (docker, buildx and compose for the host)

Both lie in the cache under the content of their recipes, so the same recipe is never built twice.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from drydock import images
from drydock.core.progress import say, step
from drydock.machine.artifacts import kernel_source, prelink, rootfs
from drydock.machine.guest import seed
from drydock.machine.host import preflight
from drydock.machine.store import artifact_cache
from drydock.machine.store.kernel_files import Kernel
from drydock.machine.store.settings import BASE_GB, MAX_GB
from drydock.machine.supervisor.scratch import ScratchMachine

#: Copied out of the guest for hosts that have no Docker of their own.
_TOOLS = (
    "usr/bin/docker",
    "usr/libexec/docker/cli-plugins/docker-buildx",
    "usr/libexec/docker/cli-plugins/docker-compose",
)

#: Programs that start for every container or command, so they are prelinked.
_STARTED_OFTEN = ("usr/sbin/dockerd", "usr/bin/docker", "usr/bin/crun")


@dataclass(frozen=True)
class Artifacts:
    """What a machine is made of: the kernel and the folder of the base disk and tools."""

    kernel: Kernel
    base: Path


def ready(source: str | None = None) -> Artifacts | None:
    """The parts as the present recipe makes them, when they are in the cache."""
    found_kernel = artifact_cache.made(kernel_source.folder_name(source or kernel_source.default()))
    found_base = artifact_cache.made(base_name())
    if found_kernel is None or found_base is None:
        return None
    return Artifacts(Kernel.at(found_kernel), found_base)


def build(source: str | None = None, *, again: bool = False) -> Artifacts:
    """The parts, built where the cache has none (or ``again``, from scratch). Tells of each step.

    ``source`` names where the kernel comes from; the default is :func:`.kernel_source.default`.
    """
    source = source or kernel_source.default()
    found = None if again else ready(source)
    if found is not None:
        return found
    preflight.check_build()
    if again:
        artifact_cache.discard(kernel_source.folder_name(source))
        artifact_cache.discard(base_name())
    say("Building what machines are made of. This happens once and takes minutes.")
    ours = kernel_source.ensure(source)
    return Artifacts(ours, artifact_cache.make(base_name(), lambda folder, final: _build_base(folder, ours)))


def base_name() -> str:
    """The cache's name for the base disk of the present recipe."""
    recipe = [Path(__file__), Path(seed.__file__), Path(prelink.__file__), *rootfs.sources()]
    return f"base-{artifact_cache.key([*recipe, images.key()])}"


def _build_base(folder: Path, ours: Kernel) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        tree = Path(scratch) / "tree"
        tree.mkdir()
        rootfs.unpack(tree)
        _take_tools(tree, folder / "tools")
        for name in _STARTED_OFTEN:
            prelink.prelink(tree / name)
        disk = folder / "disk.img"
        with step("Making the disk"):
            kernel_source.make_disk(disk, tree, BASE_GB << 10)
            # Room to grow into, for machines that ask for more; the file is sparse, so it costs nothing.
            os.truncate(disk, MAX_GB << 30)
    _bake(disk, ours)


def _take_tools(tree: Path, folder: Path) -> None:
    for name in _TOOLS:
        target = folder / ("cli-plugins" if "cli-plugins" in name else "bin") / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree / name, target)
    (folder / "bin" / "docker-compose").symlink_to("../cli-plugins/docker-compose")


def _bake(disk: Path, ours: Kernel) -> None:
    """Boot a scratch machine that writes to the base itself, and build the course's images in it."""
    scratch = ScratchMachine(disk, ours)
    with step("Booting it for the first time"):
        scratch.start()
    try:
        with closing(scratch.client(timeout=600)) as client:
            images.build(client)
        scratch.ask("trim")
    finally:
        scratch.remove()
