"""The kernel's command line, and where its memory may live."""

from __future__ import annotations

import os
from pathlib import Path

from drydock.errors import NoexecFolder, NoSpace
from drydock.machine.host import host_python, memory
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import timer_workaround

#: What gives the kernel its pulse, and must be seen where it starts.
PULSE = Path(timer_workaround.__file__)
#: Seconds: long after any kernel has begun to keep time, and how long a guest may stand still for a lost alarm.
_FIRST_ALARM, _ALARM_EVERY = 10, 0.5


def command(
    settings: Settings, kernel: KernelFiles, disk: str, sockets: Path, network: Path, console: int
) -> list[str | Path]:
    """The words that boot a machine: ``disk`` is a file, or ``own,base`` for a copy-on-write disk over a base.

    One behind a wall gets no folder of this computer: what would let the guest mount them is not even started.
    """
    modules = [f"ubd2r={kernel.modules}"] if kernel.modules else []
    # Faster, but the kernel's own help calls it insecure for processes one doesn't trust.
    seccomp = [f"seccomp={'on' if settings.trusted else 'off'}"] if kernel.seccomp else []
    return [
        *host_python.command(PULSE),
        str(_FIRST_ALARM),
        str(_ALARM_EVERY),
        kernel.program,
        f"mem={settings.memory_mb}M",
        f"ubd0={disk}",
        f"ubd1r={sockets / 'seed.tar'}",
        *modules,
        *seccomp,
        *(["initcall_blacklist=init_hostfs"] if settings.confined else []),
        "root=/dev/ubda",
        "rw",
        "init=/sbin/init",
        "quiet",
        "con=null",
        "con0=fd:0,fd:1",
        f"con1=fd:{console},fd:{console}",
        "umid=kernel",
        f"uml_dir={sockets}",
        f"vec0:transport=bess,dst={network},depth=128,gro=1",
    ]


def memory_folder(megabytes: int, fallback: Path) -> Path:
    """Where the guest's memory, an unlinked file that is mapped and executed, can lie.

    ``$TMPDIR`` when it is set; else /dev/shm when there is room (in a pod it has 64 MB) and memory for all of it, as
    what lies there can't be taken back; else ``fallback``.
    Raises :class:`NoexecFolder` for a folder mounted noexec, :class:`NoSpace` for a full one.
    """
    chosen = os.environ.get("TMPDIR")
    if chosen:
        folder = Path(chosen)
    else:
        folder = Path("/dev/shm")
        short = memory.available().available_mb < megabytes
        if short or not folder.is_dir() or _noexec(folder) or _free(folder) < megabytes << 20:
            folder = fallback
    if _noexec(folder):
        raise NoexecFolder(folder)
    if _free(folder) < megabytes << 20:
        raise NoSpace(folder, megabytes << 20, _free(folder))
    return folder


def _noexec(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _free(folder: Path) -> int:
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize
