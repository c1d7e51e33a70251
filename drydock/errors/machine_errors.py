"""Errors of a Drydock machine: what keeps it from starting, and what ends a command about it."""

from __future__ import annotations

from pathlib import Path

from drydock.errors.base import DrydockError


class BadName(DrydockError):
    """A string that is not a valid machine name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is not a valid machine name.",
            why="A name has 1 to 40 lower-case letters, digits and hyphens, and starts with a letter.",
            next="Choose another name, for example: drydock machine start second",
        )


class BadSetting(DrydockError):
    """A value that a machine can't be started with."""

    def __init__(self, what: str, next: str) -> None:
        super().__init__(what, next=next)


class WrongPlatform(DrydockError):
    """A computer whose system or processor can't run a machine."""

    def __init__(self, system: str, architecture: str) -> None:
        super().__init__(
            f"A Drydock machine can't run on {system} on {architecture}.",
            why="It is a Linux kernel compiled as a program for Linux on 64-bit x86 (x86_64).",
            next="Install Docker on this computer (Docker Desktop on macOS and Windows); Drydock then uses it.",
        )


class NoSpace(DrydockError):
    """A file system with too little free space; sizes in bytes."""

    def __init__(self, folder: Path, needed: int, free: int) -> None:
        super().__init__(
            f"Not enough disk space in {folder}: {needed >> 20} MB are needed, {free >> 20} MB are free.",
            next="Free some space, or set XDG_CACHE_HOME (kernels, base disks, image contexts) or XDG_DATA_HOME "
            "(the machines' own disks) to a folder on a larger disk.",
        )


class NoMemory(DrydockError):
    """Too little available memory for a machine; sizes in MB.

    ``reason`` names the limit that leaves the least. ``largest`` is the largest machine that would fit, 0 for none.
    """

    def __init__(self, needed: int, available: int, reason: str, largest: int) -> None:
        smaller = f" Or start a smaller machine: drydock machine start --memory {largest}" if largest else ""
        super().__init__(
            f"Not enough memory for a machine: {needed} MB are needed, {available} MB are available.",
            why=reason,
            next="Close programs that use much memory (in JupyterLab: Kernel > Shut Down All Kernels), or use a "
            f"computer with more: 2 GB are enough for the whole course.{smaller}",
        )


class NoexecFolder(DrydockError):
    """A folder on a file system mounted noexec, where a machine's memory file was to be created."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"A machine can't keep its memory file in {folder}.",
            why="That file system is mounted noexec, and User Mode Linux executes code from its memory file.",
            next="Unset TMPDIR, or set it to a folder on a disk without noexec: TMPDIR=~/tmp drydock machine start",
        )


class NoexecCache(DrydockError):
    """A cache folder on a file system mounted noexec, where a machine's kernel would be a program."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Programs in {folder} can't be executed.",
            why="That file system is mounted noexec, and a machine's kernel is a program in this folder.",
            next="Set XDG_CACHE_HOME to a folder on a disk without noexec, such as a volume of the pod.",
        )


class PtraceForbidden(DrydockError):
    """A computer that refuses ``ptrace`` for the system's ``reason``, and perhaps seccomp filters for another one."""

    def __init__(self, reason: str, seccomp: str = "") -> None:
        filters = f" The compiled kernel's filters are refused, too: {seccomp}." if seccomp else ""
        super().__init__(
            "A Drydock machine can't run here: the system forbids ptrace.",
            why=f"The system answered: {reason}. A machine's kernel runs its processes by ptrace; a seccomp profile, "
            f"Yama or a sandbox can forbid that.{filters}",
            next="Pass this on to the administrator, who can allow ptrace. Kubernetes: seccompProfile RuntimeDefault "
            "(Linux 4.8 or later), or a profile with it. Docker: --security-opt seccomp=PROFILE. On a computer: "
            "sysctl kernel.yama.ptrace_scope=1. The compiled kernel needs seccomp filters instead: "
            "drydock machine build --kernel compiled",
        )


class NoIsolation(DrydockError):
    """A computer on which no isolation backend works for a machine that runs untrusted code."""

    def __init__(self, why: str, next: str) -> None:
        super().__init__("A machine can't be isolated on this computer.", why=why, next=next)


class BootFailed(DrydockError):
    """A machine whose Docker daemon never answered; ``output`` is the end of what the machine printed."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(
            f"The machine did not start: {reason}.",
            why=f"The last lines it printed:\n{output}" if output else "It printed nothing.",
            next="Try again. If it keeps failing, run `drydock doctor`.",
        )


class SettingsDamaged(DrydockError):
    """A machine whose ``settings.json`` can't be read: it was edited, or is lost after a power failure."""

    def __init__(self, file: Path, why: str) -> None:
        name = file.parent.name
        super().__init__(
            f"The settings of the machine {name} can't be read.",
            why=f"{file} is damaged: {why}",
            next=f"Restore that file from a backup, or remove the machine with all its data: drydock machine rm {name}",
        )


class NoMachine(DrydockError):
    """The name of a machine that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no machine named {name}.", next="List the machines: drydock machine ls")


class NotRunning(DrydockError):
    """A command that needs a running machine, for one that is stopped."""

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(f"The machine {name} is not running.", why=why, next=f"Start it: drydock machine start {name}")


class StartedElsewhere(DrydockError):
    """A running machine whose supervisor is no process that this one can see; ``pid`` is its recorded number."""

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(
            f"The machine {name} can't be stopped from here.",
            why="It was started in another container or by another computer, which has the same folder of machines. "
            f"Process {pid} here is not the machine's.",
            next=f"Stop it where it was started: drydock machine stop {name}. Or use another folder of machines here: "
            "export XDG_DATA_HOME=FOLDER",
        )


class PortNotForwarded(DrydockError):
    """A port that a container publishes on an address of this computer from which it can't be forwarded."""

    def __init__(self, port: int, protocol: str, address: str, why: str) -> None:
        super().__init__(
            f"Port {port}/{protocol} can't be opened on this computer's {address}.",
            why=why,
            next=f"Publish it on 127.0.0.1: `-p 127.0.0.1:{port}:…`",
        )


class PortTaken(DrydockError):
    """A port of this computer that is in use; ``port`` is its number, ``program`` has it if that is known."""

    def __init__(self, port: int, protocol: str, program: str = "", *, address: str = "127.0.0.1") -> None:
        super().__init__(
            f"Port {port}/{protocol} on this computer's {address} is already in use.",
            why=f"{program} has it. A container in a machine can't have it as well."
            if program
            else "Another program listens on it, or only an administrator may listen on it (ports below 1024).",
            next=("Stop that program" if program else "Stop that program (`ss -lntup` lists all)")
            + f", or publish another port, such as {port + 1 if 1024 <= port < 65535 else 8080}.",
        )
        self.port = port
