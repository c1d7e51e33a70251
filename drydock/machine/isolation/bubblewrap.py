"""The first of the walls: bubblewrap, which needs no privilege where user namespaces exist.

Inside there is no network, no process and no file of this computer but programs (/usr, read-only) and what the machine
is made of; no capability, no variable of ours, and not even our user's number.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from drydock.core.command import find
from drydock.machine.isolation.sandbox_spec import NOTHING, SandboxSpec

NAME = "bubblewrap"
INHERITS = True
PROGRAM = "bwrap"
#: Nobody's number: what runs inside owns nothing by its name.
_NOBODY = "65534"
#: Switches that an administrator may have set, with the value that lets ordinary users make a user namespace.
_SWITCHES = {
    "kernel.unprivileged_userns_clone": "1",
    "kernel.apparmor_restrict_unprivileged_userns": "0",
}


def prefix(inside: SandboxSpec = NOTHING) -> list[str]:
    """Return the words before a command that isolate it; see :class:`.backends.IsolationBackend`.

    It stays on the CPU of whoever starts it, and inherits what is open there: ``cpu`` and ``lines`` change nothing.
    """
    words = [find(PROGRAM) or PROGRAM, "--unshare-all", "--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY]
    words += ["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--hostname", "machine"]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", *_programs()]
    if inside.memory_mb:
        words += ["--size", str(inside.memory_mb << 20), "--tmpfs", "/memory"]
    for option, paths in (("--ro-bind", inside.read), ("--bind", inside.write)):
        words += [word for path in paths for word in (option, str(path), str(path))]
    for name, value in inside.env.items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", "/", "--"]


def _programs() -> list[str]:
    """Programs and libraries: /usr, and the links into it (folders of their own on an old system)."""
    words = ["--ro-bind", "/usr", "/usr"]
    for path in map(Path, ("/bin", "/sbin", "/lib", "/lib64")):
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    return words


@cache
def why_not() -> tuple[str, str] | None:
    """Why it can't stand here, and what would change that; None when it was put up for a try and stood."""
    if find(PROGRAM) is None:
        return "bubblewrap is not installed", "on Debian or Ubuntu, as an administrator: apt-get install -y bubblewrap"
    tried = subprocess.run([*prefix(), "/usr/bin/true"], capture_output=True, text=True, check=False, timeout=30)
    if tried.returncode == 0:
        return None
    said = (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[-1]
    closed = [f"{name}={wanted}" for name, wanted in _SWITCHES.items() if _switch(name) not in (None, wanted)]
    if closed:
        return said, f"as an administrator: sysctl -w {' '.join(closed)}"
    return said, "user namespaces are closed here, as in most containers: grade on a computer or pod that allows them"


def _switch(name: str) -> str | None:
    file = Path("/proc/sys", *name.split("."))
    return file.read_text().strip() if file.is_file() else None
