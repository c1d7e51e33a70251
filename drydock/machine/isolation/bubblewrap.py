"""The preferred isolation backend: bubblewrap, which needs no privilege where user namespaces exist.

The isolated process sees no network, no other process and no file of this computer, except programs (/usr, read-only)
and the machine's own files. It has no capability, no environment variable of Drydock's, another user's number, at most
as many processes as a machine needs (a limit of ordinary users: Linux sets root none), and only the system calls that
:mod:`~drydock.machine.isolation.seccomp_filter` allows.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from drydock.core.command import find
from drydock.machine.host import host_python
from drydock.machine.isolation import seccomp_filter
from drydock.machine.isolation.sandbox_spec import EMPTY, MAX_PROCESSES, SandboxSpec

NAME = "bubblewrap"
INHERITS_OPEN_FILES = True
PROGRAM = "bwrap"
_TRIAL_SECONDS = 30.0
_FILTER = Path(seccomp_filter.__file__)
#: Sets the limit inside of the sandbox, whose user namespace counts its own processes since Linux 5.14. Before, the
#: user's other processes would count too, and those of a class's other machines are many.
_LIMIT_PROCESSES = ("/usr/bin/prlimit", f"--nproc={MAX_PROCESSES}:{MAX_PROCESSES}")
_COUNTS_BY_NAMESPACE = (5, 14)
#: The user and group `nobody`, who owns no file of this computer.
_NOBODY = "65534"
#: Many vulnerabilities of Linux can only be used in a user namespace of one's own. Since bubblewrap 0.8.
_NO_MORE_NAMESPACES = "--disable-userns"
#: Kernel settings that can forbid user namespaces to ordinary users, with the values that allow them.
_SYSCTLS = {
    "kernel.unprivileged_userns_clone": "1",
    "kernel.apparmor_restrict_unprivileged_userns": "0",
}


def prefix(spec: SandboxSpec = EMPTY) -> list[str]:
    """Return the start of a command line that isolates a process; see :class:`.backends.IsolationBackend`.

    The process inherits its parent's CPU and open files, so ``spec.cpu`` and ``spec.sockets`` have no effect.
    """
    program = find(PROGRAM) or PROGRAM
    argv = [*host_python.command(_FILTER), program]
    argv += ["--unshare-all", "--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY]
    argv += ["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--hostname", "machine"]
    argv += [_NO_MORE_NAMESPACES] if _NO_MORE_NAMESPACES in _usage(program) else []
    argv += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", *_mount_programs()]
    if spec.memory_mb:
        argv += ["--size", str(spec.memory_mb << 20), "--tmpfs", "/memory"]
    for option, paths in (("--ro-bind", spec.read_only), ("--bind", spec.writable)):
        argv += [argument for path in paths for argument in (option, str(path), str(spec.inside(path)))]
    for name, value in spec.env.items():
        argv += ["--setenv", name, value]
    return [*argv, "--chdir", "/", "--", *_limits()]


def _limits() -> tuple[str, ...]:
    """Return the command that limits processes, empty where the kernel counts those of other sandboxes too."""
    version = tuple(map(int, os.uname().release.split("-")[0].split(".")[:2]))
    return (*_LIMIT_PROCESSES, "--") if version >= _COUNTS_BY_NAMESPACE else ()


@cache
def _usage(program: str) -> str:
    """Return the list of options that bubblewrap prints, empty if it can't be run."""
    try:
        return subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _mount_programs() -> list[str]:
    """Return the options for programs and libraries: /usr, and the links into it (on older systems, folders)."""
    options = ["--ro-bind", "/usr", "/usr"]
    for path in map(Path, ("/bin", "/sbin", "/lib", "/lib64")):
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    return options


@cache
def unavailable_reason() -> tuple[str, str] | None:
    """Return why bubblewrap does not work here and what would help; None after a trial run that worked."""
    if find(PROGRAM) is None:
        remedy = "Install bubblewrap, on Debian or Ubuntu as an administrator: apt-get install -y bubblewrap"
        return "bubblewrap is not installed.", remedy
    try:
        argv = [*prefix(), "/usr/bin/true"]
        trial = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_TRIAL_SECONDS)
    except subprocess.TimeoutExpired:
        return f"bubblewrap did not isolate a process within {_TRIAL_SECONDS:.0f} s.", "Try again on an idle computer."
    if trial.returncode == 0:
        return None
    message = (trial.stderr.strip().splitlines() or [f"exit code {trial.returncode}"])[-1]
    reason = f"bubblewrap can't isolate a process here: {message}"
    settings = [f"{name}={allowed}" for name, allowed in _SYSCTLS.items() if _sysctl(name) not in (None, allowed)]
    if settings:
        return reason, f"Allow user namespaces, as an administrator: sysctl -w {' '.join(settings)}"
    return reason, "User namespaces are blocked here, as in most containers: use a computer or pod that allows them."


def _sysctl(name: str) -> str | None:
    """Return the value of a kernel setting, or None when this kernel does not have it."""
    file = Path("/proc/sys", *name.split("."))
    return file.read_text().strip() if file.is_file() else None
