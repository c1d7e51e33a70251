"""The second isolation backend: a locked-down container of this computer's Docker daemon, where bubblewrap can't work.

The isolated process sees what it would see in bubblewrap: programs (/usr, read-only) and the machine's own files, no
network, no capability, and no environment variable of Drydock's. The container's image is empty, so nothing is pulled.
The daemon limits its memory and its number of processes. :mod:`~drydock.machine.isolation.container_init` ends it
together with the process that started it.
"""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

from drydock.core import command
from drydock.core.paths import LABEL, cache_folder, socket_folder
from drydock.errors import CommandFailed, CommandTimedOut, NoIsolation
from drydock.machine.host import host_python
from drydock.machine.isolation import container_init
from drydock.machine.isolation.sandbox_spec import EMPTY, MAX_PROCESSES, SandboxSpec
from drydock.machine.store import artifact_cache

NAME = "container"
INHERITS_OPEN_FILES = False
PROGRAM = "docker"
#: The socket of this computer's own daemon. DOCKER_HOST is ignored: it may name another computer or a Drydock machine.
SOCKET = Path("/var/run/docker.sock")
IMAGE = "drydock/isolation:1"
CONTAINER_LABEL = f"{LABEL}=isolation"
_INIT = Path(container_init.__file__)
#: Its path in the container, so that nothing there names the folder of Drydock on this computer.
_INIT_INSIDE = Path("/container_init.py")
#: The user and group `nobody`: a container that root starts must not run as root.
_NOBODY = 65534
_OPTIONS = [
    *("--interactive", "--rm", "--init=false", "--log-driver", "none", "--label", CONTAINER_LABEL),
    *("--network", "none", "--ipc", "private", "--cgroupns", "private", "--hostname", "machine"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", str(MAX_PROCESSES)),
    # By default, a container sees this computer's devices and its name servers (192.0.2.1 belongs to no one).
    *("--tmpfs", "/sys:size=64k", "--dns", "192.0.2.1", "--dns-search", "."),
    *("--read-only", "--workdir", "/", "--tmpfs", "/tmp:exec,size=64m"),
]


def prefix(spec: SandboxSpec = EMPTY) -> list[str]:
    """Return the start of a command line that isolates a process; see :class:`.backends.IsolationBackend`.

    When root calls this, the process will run as `nobody`, so the ``writable`` folders are given to `nobody`.
    """
    argv = [*host_python.command(_INIT), "client", *_docker(), "run", *_OPTIONS, "--user", _user(spec)]
    # Twice the memory of the machine: page tables and the kernel's memory for each process count too.
    argv += ["--memory", f"{256 + 2 * spec.memory_mb}m"]
    argv += ["--tmpfs", f"/memory:exec,size={spec.memory_mb}m"] if spec.memory_mb else []
    argv += ["--cpuset-cpus", str(spec.cpu)] if spec.cpu is not None else []
    for path in dict.fromkeys([*_programs(), *host_python.required_paths(_INIT), *spec.read_only]):
        target = _INIT_INSIDE if path == _INIT else spec.inside(path)
        argv += ["--mount", f"{_bind(path, target)},readonly"]
    for path in spec.writable:
        argv += ["--mount", _bind(path, spec.inside(path))]
    argv += [_image(), *host_python.command(_INIT_INSIDE), "init"]
    sockets = {number: spec.inside(path) for number, path in spec.sockets.items()}
    for option, pairs in (("--env", spec.env), ("--socket", sockets)):
        argv += [argument for name, value in pairs.items() for argument in (option, f"{name}={value}")]
    return [*argv, "--"]


def _bind(source: Path, target: Path) -> str:
    """Return the value of ``--mount``: fields of CSV, of which one with a comma stands in quotes."""
    fields = [field.replace('"', '""') for field in (f"source={source}", f"target={target}")]
    return ",".join(["type=bind", *(f'"{field}"' if "," in field or '"' in field else field for field in fields)])


def _programs() -> list[Path]:
    """Return the folders of programs and libraries: /usr, and the links into it (Docker mounts a link's target)."""
    return [path for path in map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")) if path.is_dir()]


def _user(spec: SandboxSpec) -> str:
    """Return ``UID:GID`` for the container: this process's own or, for root, `nobody`'s with access to the files."""
    if os.getuid() != 0:
        return f"{os.getuid()}:{os.getgid()}"
    for path in spec.read_only:
        if not path.stat().st_mode & 0o004:
            reason = f"The container of root runs as the user nobody, who can't read {path}."
            raise NoIsolation(reason, f"Let all users read it: chmod -R o+rX {path}")
    for path in (file for folder in spec.writable for file in (folder, *folder.rglob("*"))):
        os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
    return f"{_NOBODY}:{_NOBODY}"


def _image() -> str:
    """Return the id of an empty image; create the image when it is missing."""
    with artifact_cache.locked(cache_folder() / "isolation.lock"):
        image = _run_docker("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={CONTAINER_LABEL}", IMAGE)
        return image or _run_docker("import", "--change", f"LABEL {CONTAINER_LABEL}", "-", IMAGE, input=bytes(1024))


@cache
def unavailable_reason() -> tuple[str, str] | None:
    """Return why a container does not work here and what would help; None after a trial run that worked."""
    if command.find(PROGRAM) is None or not SOCKET.is_socket():
        return "This computer has no Docker daemon of its own.", "Install Docker Engine on this computer."
    try:
        with suppress(CommandFailed):  # another process may be pruning at the same time
            _run_docker(
                "container", "prune", "--force", "--filter", f"label={CONTAINER_LABEL}", "--filter", "until=10m"
            )
        _try()
    except (CommandFailed, CommandTimedOut) as error:
        message = error.why.splitlines()[-1] if isinstance(error, CommandFailed) else "no answer within 60 s"
        reason = f"The Docker daemon of this computer can't run the container: {message}"
        return reason, f"Give this user access to {SOCKET}, for example by the group docker."
    return None


def _try() -> None:
    """Run a container that connects to a socket in a folder of this computer, which a remote daemon could not mount."""
    folder = socket_folder("isolation")
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket"))
            listener.listen()
            spec = SandboxSpec(writable=[folder], sockets={9: folder / "socket"})
            command.run([*prefix(spec), "/usr/bin/true"], timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _docker() -> list[str]:
    """Return the docker command for this computer's own daemon, without the user's configuration."""
    return [command.find(PROGRAM) or PROGRAM, "--host", f"unix://{SOCKET}", "--config", "/nonexistent"]


def _run_docker(*arguments: str, input: bytes | None = None) -> str:
    return command.run([*_docker(), *arguments], env={}, input=input, timeout=60).strip()
