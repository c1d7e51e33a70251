"""Running other programs: all calls go through :func:`run`, which turns a failure into a finished message."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock.errors import CommandFailed, CommandTimedOut, ToolsMissing

_log = logging.getLogger(__name__)

#: The Debian package of each program that Drydock calls.
PACKAGE_OF = {
    "fakechroot": "fakechroot",
    "fakeroot": "fakeroot",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "scp": "openssh-client",
    "slirp4netns": "slirp4netns",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}

#: The same for programs that only compiling a kernel calls. An unlisted program's package has the program's name.
COMPILER_PACKAGE_OF = {"xz": "xz-utils"}

#: Files without which a program fails, in packages of their own: mmdebstrap checks Debian's packages by Debian's keys,
#: which Ubuntu may lack. The program, the folder, and the package, whose name the files have.
_FILES_OF = [("mmdebstrap", Path("/usr/share/keyrings"), "debian-archive-keyring")]

#: Folders that an ordinary user's PATH may lack, although mke2fs is there.
_ADMIN_FOLDERS = ("/usr/sbin", "/sbin")

#: Seconds that a program gets to exit after SIGINT.
_GRACE_SECONDS = 3.0

#: A variable in the environment of every process of one call, by which processes outside of its group are found.
_CALL_VARIABLE = "DRYDOCK_CALL"


def find(program: str) -> str | None:
    """Return a program's full path, also from folders that only root's PATH has; None if it is not installed."""
    path = shutil.which(program)
    for folder in _ADMIN_FOLDERS if path is None else ():
        path = path or shutil.which(program, path=folder)
    return path


def require(
    programs: Sequence[str], purpose: str, *, finder: Callable[[str], str | None] = find, instead: str = ""
) -> dict[str, str]:
    """Return the full path of each program, or raise :class:`ToolsMissing` with all missing packages at once.

    ``finder`` returns a program's path; ``instead`` is another way out for a person, a line of the error.
    """
    paths = {program: finder(program) for program in programs}
    packages = PACKAGE_OF | COMPILER_PACKAGE_OF
    missing = {packages.get(program, program) for program, path in paths.items() if path is None}
    for program, folder, package in _FILES_OF:
        missing |= {package} if program in programs and not any(folder.glob(f"{package}.*")) else set()
    if missing:
        raise ToolsMissing(sorted(missing), purpose, instead)
    return {program: path for program, path in paths.items() if path is not None}


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    timeout: float | None = None,
) -> str:
    """Run a program and return its standard output.

    Raises :class:`CommandFailed` with the last lines of its output if its exit code is not 0, and
    :class:`CommandTimedOut` after ``timeout`` seconds. After that or any other exception, the program and all processes
    that it started are ended.
    """
    words = [str(word) for word in argv]
    _log.debug("$ %s", " ".join(words))
    pipe, stdin = subprocess.PIPE, subprocess.DEVNULL if input is None else subprocess.PIPE
    call = secrets.token_hex(8)
    env = {**(os.environ if env is None else env), _CALL_VARIABLE: call}
    with subprocess.Popen(words, cwd=cwd, env=env, stdin=stdin, stdout=pipe, stderr=pipe, process_group=0) as child:
        try:
            out, err = (output.decode(errors="replace") for output in child.communicate(input, timeout))
        except BaseException as error:
            end_group(child)
            _kill_call(call)
            if isinstance(error, subprocess.TimeoutExpired):
                raise CommandTimedOut(words, error.timeout) from None
            raise
    if child.returncode != 0:
        raise CommandFailed(words, child.returncode, err or out)
    return out


def end_group(child: subprocess.Popen[Any]) -> None:
    """Send SIGINT to the process group that the child leads, wait for the child, then send SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):  # fakeroot ends its daemon, which is in another group, by itself
            child.wait(_GRACE_SECONDS)
        os.killpg(child.pid, signal.SIGKILL)


def _kill_call(call: str) -> None:
    """Send SIGKILL to all processes of a call: fakeroot, ended while it starts, leaves its daemon in another group."""
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # the process is another user's, or has exited meanwhile
            if f"{_CALL_VARIABLE}={call}".encode() in file.read_bytes().split(b"\0"):
                os.kill(int(file.parent.name), signal.SIGKILL)
