"""Is this ground a machine can stand on? Asked before anything is made, so that nothing is left behind."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from drydock.core.command import require
from drydock.core.paths import cache_folder
from drydock.errors import NoSpace, WrongPlatform

#: What starting a machine needs, and what building one needs besides.
_TO_START = ("slirp4netns",)
_TO_BUILD = ("mmdebstrap", "fakechroot", "fakeroot", "mke2fs")

#: Room for building: the unpacked guest, its disk and the images' contexts; bytes.
BUILD_BYTES = 3 << 30
#: Room for a machine's own disk to begin with; it grows as it is written to; bytes.
START_BYTES = 256 << 20


def check_platform() -> None:
    """Raise :class:`WrongPlatform` where User Mode Linux can't run."""
    system, architecture = platform.system(), platform.machine()
    if (system, architecture) != ("Linux", "x86_64") or sys.maxsize < 2**32:
        raise WrongPlatform(system, architecture)


def check_start(folder: Path) -> None:
    """Raise what would keep a machine with that home from starting."""
    check_platform()
    require(_TO_START, "run a machine")
    check_room(folder, START_BYTES)


def check_build() -> None:
    """Raise what would keep a machine from being built."""
    check_platform()
    require(_TO_START + _TO_BUILD, "build a machine")
    check_room(cache_folder(), BUILD_BYTES)


def check_room(folder: Path, needed: int) -> None:
    """Raise :class:`NoSpace` when the folder's disk has less than ``needed`` bytes free."""
    facts = os.statvfs(folder)
    free = facts.f_bavail * facts.f_frsize
    if free < needed:
        raise NoSpace(folder, needed, free)
