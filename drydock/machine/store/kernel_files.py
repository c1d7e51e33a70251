"""The files of a kernel on disk: its program and, for a kernel with modules, a disk image of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class KernelFiles:
    """A kernel that can be started.

    ``modules`` is an ext4 image for /usr/lib/modules, with a file ``at-boot`` that names the modules to load at boot;
    None for a kernel without modules. ``seccomp``: the kernel can run its processes under seccomp instead of ptrace.
    """

    program: Path
    modules: Path | None
    seccomp: bool = False

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return the kernel in a complete folder of the cache."""
        modules = folder / "modules.img"
        return cls(folder / "linux", modules if modules.is_file() else None, (folder / "seccomp").exists())

    def moved(self, place: Callable[[Path], Path]) -> Self:
        """Return the kernel as it is seen where each of its files is at ``place(file)``."""
        return replace(self, program=place(self.program), modules=self.modules and place(self.modules))

    @property
    def folder(self) -> Path:
        """Return the folder in the cache."""
        return self.program.parent
