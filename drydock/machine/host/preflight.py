"""Checks of this computer before a machine is started or built, so that a failure leaves nothing behind."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from drydock.core.paths import cache_folder
from drydock.errors import NoexecCache, NoSpace, PtraceForbidden, WrongPlatform
from drydock.machine.host import system_calls
from drydock.machine.host.bundled_programs import require

#: Programs that starting a machine needs, and programs that building needs as well.
_TO_START = ("slirp4netns",)
_TO_BUILD = ("mmdebstrap", "fakechroot", "fakeroot", "mke2fs")

#: Disk space for building: the unpacked guest, its disk and the images' build contexts; bytes.
BUILD_BYTES = 3 << 30
#: Initial disk space for a machine's own disk, which grows as it is written to; bytes.
START_BYTES = 256 << 20


def check_platform() -> None:
    """Raise :class:`WrongPlatform` where User Mode Linux can't run."""
    system, architecture = platform.system(), platform.machine()
    if (system, architecture) != ("Linux", "x86_64") or sys.maxsize < 2**32:
        raise WrongPlatform(system, architecture)


def check_start(folder: Path, *, programs: bool = True) -> None:
    """Raise the error that prevents starting a machine whose files are in ``folder``, if there is one.

    ``programs``: False before a bundle is installed that can bring them.
    """
    check_platform()
    if programs:
        require(_TO_START, "run a machine")
    check_disk_space(folder, START_BYTES)
    check_programs(cache_folder())


def check_build() -> None:
    """Raise the error that prevents building a machine's kernel and base disk, if there is one."""
    check_platform()
    require(_TO_START + _TO_BUILD, "build a machine")
    check_disk_space(cache_folder(), BUILD_BYTES)


def check_programs(folder: Path) -> None:
    """Raise :class:`NoexecCache` when no program in ``folder``, such as a kernel, can be executed."""
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        raise NoexecCache(folder)


def check_system_calls(*, seccomp: bool) -> None:
    """Raise :class:`PtraceForbidden` when the kernel can't run its processes.

    ``seccomp`` is True for a kernel that needs no ptrace where it may set filters of seccomp.
    """
    reasons = system_calls.forbidden()
    if "ptrace" in reasons and (not seccomp or "seccomp" in reasons):
        raise PtraceForbidden(reasons["ptrace"], reasons.get("seccomp", "") if seccomp else "")


def check_disk_space(folder: Path, needed: int) -> None:
    """Raise :class:`NoSpace` when the file system of ``folder`` has fewer than ``needed`` bytes available."""
    stat = os.statvfs(folder)
    free = stat.f_bavail * stat.f_frsize
    if free < needed:
        raise NoSpace(folder, needed, free)
