"""A kernel on the disk: a folder with its program and, where it needs one, a disk of modules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Kernel:
    """A kernel that is ready to run.

    ``modules`` is an ext4 disk for /usr/lib/modules, with a file ``at-boot`` that names what to load first; None for a
    kernel without modules. ``seccomp``: the kernel can run its processes under seccomp instead of ptrace.
    """

    program: Path
    modules: Path | None
    seccomp: bool = False

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return the kernel in a finished folder of the cache."""
        modules = folder / "modules.img"
        return cls(folder / "linux", modules if modules.is_file() else None, (folder / "seccomp").exists())
