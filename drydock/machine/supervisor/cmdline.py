"""The kernel's command line, and the folder for its memory file."""

from __future__ import annotations

import os
from pathlib import Path

from drydock.errors import NoexecFolder, NoSpace
from drydock.machine.host import host_python, memory
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import timer_workaround

#: The script that starts the kernel; an isolated kernel needs read access to it.
TIMER_WORKAROUND = Path(timer_workaround.__file__)
#: Seconds. The first alarm comes long after any kernel handles alarms; a guest stands still for at most one interval.
_FIRST_ALARM, _ALARM_EVERY = 10, 0.5


def command(
    settings: Settings, kernel: KernelFiles, disk: str, sockets: Path, network: Path, console: int
) -> list[str | Path]:
    """Return the command line that boots a machine.

    ``disk`` is a file, or ``own,base`` for a copy-on-write disk over a base disk. ``console`` is an open file for the
    guest agent's console. A confined machine's kernel has no hostfs, so the guest can't mount folders of this computer,
    and no /proc/exitcode, with which the guest could end as if somebody had killed the machine.
    """
    modules = [f"ubd2r={kernel.modules}"] if kernel.modules else []
    # seccomp is faster, but the kernel's documentation calls it insecure for untrusted processes.
    seccomp = [f"seccomp={'on' if settings.trusted else 'off'}"] if kernel.seccomp else []
    return [
        *host_python.command(TIMER_WORKAROUND),
        str(_FIRST_ALARM),
        str(_ALARM_EVERY),
        kernel.program,
        f"mem={settings.memory_mb}M",
        f"ubd0={disk}",
        f"ubd1r={sockets / 'seed.tar'}",
        *modules,
        *seccomp,
        *(["initcall_blacklist=init_hostfs,make_proc_exitcode"] if settings.confined else []),
        "root=/dev/ubda",
        "rw",
        "init=/sbin/init",
        "quiet",
        "fb_tunnels=none",  # else each container has an interface sit0 as soon as the kernel can tunnel IPv6
        "con=null",
        "con0=fd:0,fd:1",
        f"con1=fd:{console},fd:{console}",
        "umid=kernel",
        f"uml_dir={sockets}",
        # Large frames: this device can't cut a large one into many. `guest/files/daemon.json` has the same number.
        f"vec0:transport=bess,dst={network},depth=128,gro=1,mtu=9000",
    ]


def memory_folder(megabytes: int, fallback: Path) -> Path:
    """Return the folder for the guest's memory: an unlinked file that the kernel maps and executes.

    It is ``$TMPDIR`` if that is a folder in which files can be created: it may name one that the batch system of an
    earlier job has removed. Otherwise it is /dev/shm, if that has enough space (in a Kubernetes pod it has
    64 MB) and enough memory is available, because the system can't reclaim memory from there. Otherwise it is
    ``fallback``.
    Raises :class:`NoexecFolder` for a folder mounted noexec, :class:`NoSpace` for one with too little space.
    """
    folder = Path(os.environ.get("TMPDIR") or "/nonexistent").absolute()  # the kernel has another working folder
    if not os.access(folder, os.W_OK | os.X_OK):
        folder = Path("/dev/shm")
        short = memory.available().available_mb < megabytes
        if short or not folder.is_dir() or _is_noexec(folder) or _free_bytes(folder) < megabytes << 20:
            folder = fallback
    if _is_noexec(folder):
        raise NoexecFolder(folder)
    if _free_bytes(folder) < megabytes << 20:
        raise NoSpace(folder, megabytes << 20, _free_bytes(folder))
    return folder


def _is_noexec(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _free_bytes(folder: Path) -> int:
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize
