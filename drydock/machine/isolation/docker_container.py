"""The second of the walls: a locked-down container of this computer's own daemon, where bubblewrap can't stand.

Inside there is what bubblewrap leaves: programs (/usr, read-only), what the machine is made of, no network, no
capability, and no variable of ours. Its image is empty, so nothing is pulled. The daemon limits its memory and its
processes; that it ends with whoever started it is the work of :mod:`~drydock.machine.isolation.container_init`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

from drydock.core import command
from drydock.core.paths import LABEL, cache_folder, socket_folder
from drydock.errors import CommandFailed, NoIsolation
from drydock.machine.host import host_python
from drydock.machine.isolation import container_init
from drydock.machine.isolation.sandbox_spec import NOTHING, SandboxSpec
from drydock.machine.store import artifact_cache as kept

NAME = "container"
INHERITS = False
PROGRAM = "docker"
#: This computer's own daemon, and no other: DOCKER_HOST may lead to another computer, or to a machine of ours.
SOCKET = Path("/var/run/docker.sock")
IMAGE = "drydock/wall:1"
OURS = f"{LABEL}=wall"
_TETHER = Path(container_init.__file__)
#: Nobody's number: what root starts is not root in there.
_NOBODY = 65534
#: For 2,000 processes of containers in the machine, and its own.
_PROCESSES = 4096
_LOCKED = [
    *("--interactive", "--rm", "--init=false", "--log-driver", "none", "--label", OURS),
    *("--network", "none", "--ipc", "private", "--cgroupns", "private", "--hostname", "machine"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", str(_PROCESSES)),
    # What the daemon would tell of this computer by itself: its devices, and its name servers (nobody has this one).
    *("--tmpfs", "/sys:size=64k", "--dns", "192.0.2.1", "--dns-search", "."),
    *("--read-only", "--workdir", "/", "--tmpfs", "/tmp:exec,size=64m"),
]


def prefix(inside: SandboxSpec = NOTHING) -> list[str]:
    """Return the words before a command that isolate it; see :class:`.backends.IsolationBackend`.

    Started by root it is nobody, so root's ``write`` folders are given to nobody.
    """
    words = [*host_python.words(_TETHER), "hold", *_docker(), "run", *_LOCKED, "--user", _user(inside)]
    # Its memory and as much again: page tables and what the kernel keeps for each process are counted, too.
    words += ["--memory", f"{256 + 2 * inside.memory_mb}m"]
    words += ["--tmpfs", f"/memory:exec,size={inside.memory_mb}m"] if inside.memory_mb else []
    words += ["--cpuset-cpus", str(inside.cpu)] if inside.cpu is not None else []
    for path in dict.fromkeys([*_programs(), *host_python.seen(_TETHER), *inside.read]):
        words += ["--mount", f"type=bind,source={path},target={path},readonly"]
    for path in inside.write:
        words += ["--mount", f"type=bind,source={path},target={path}"]
    words += [_image(), *host_python.words(_TETHER), "first"]
    for option, pairs in (("--set", inside.env), ("--line", inside.lines)):
        words += [word for name, value in pairs.items() for word in (option, f"{name}={value}")]
    return [*words, "--"]


def _programs() -> list[Path]:
    """Programs and libraries: /usr, and the links into it (a mount of a link is one of what it leads to)."""
    return [path for path in map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")) if path.is_dir()]


def _user(inside: SandboxSpec) -> str:
    """Who it is inside: whoever started it, whose files these are. For root that would be too much: nobody."""
    if os.getuid() != 0:
        return f"{os.getuid()}:{os.getgid()}"
    for path in inside.read:
        if not path.stat().st_mode & 0o004:
            raise NoIsolation(f"what root starts runs as nobody, who can't read {path}", f"chmod -R o+rX {path}")
    for path in (file for folder in inside.write for file in (folder, *folder.rglob("*"))):
        os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
    return f"{_NOBODY}:{_NOBODY}"


def _image() -> str:
    """The id of an image with nothing in it, made when it isn't there."""
    with kept.locked(cache_folder() / "wall.lock"):
        known = _ask("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={OURS}", IMAGE)
        return known or _ask("import", "--change", f"LABEL {OURS}", "-", IMAGE, input=bytes(1024))


@cache
def why_not() -> tuple[str, str] | None:
    """Why it can't stand here, and what would change that; None when it was put up for a try and stood."""
    if command.find(PROGRAM) is None or not SOCKET.is_socket():
        return "this computer has no Docker of its own", "on a computer with Docker, grading needs no more than that"
    try:
        with suppress(CommandFailed):  # somebody else tidies up just now
            _ask("container", "prune", "--force", "--filter", f"label={OURS}", "--filter", "until=10m")
        _try()
    except (CommandFailed, subprocess.TimeoutExpired) as failed:
        said = failed.why.splitlines()[-1] if isinstance(failed, CommandFailed) else "it did not answer in time"
        return f"its Docker puts up no container: {said}", f"let this user speak to {SOCKET} (the group docker may)"
    return None


def _try() -> None:
    """Put it up with a folder of ours, and be called from there: only the daemon of this very computer can."""
    folder = socket_folder("wall")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.bind(str(folder / "line"))
            line.listen()
            command.run([*prefix(SandboxSpec(write=[folder], lines={9: folder / "line"})), "/usr/bin/true"], timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _docker() -> list[str]:
    """The command line of this computer's own daemon, without the user's settings for it."""
    return [command.find(PROGRAM) or PROGRAM, "--host", f"unix://{SOCKET}", "--config", "/nonexistent"]


def _ask(*words: str, input: bytes | None = None) -> str:
    return command.run([*_docker(), *words], env={}, input=input, timeout=60).strip()
