"""The one door to other programs: says what it runs when asked to, and fails with a finished message."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock.errors import CommandFailed, ToolsMissing

_log = logging.getLogger(__name__)

#: Which Debian package brings a program that Drydock calls.
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

#: The same for those that only compiling a kernel calls; where it isn't listed, program and package share a name.
COMPILER_PACKAGE_OF = {"xz": "xz-utils"}

#: Where an ordinary user's PATH may not look, though mke2fs is there.
_ADMIN_FOLDERS = ("/usr/sbin", "/sbin")

#: Seconds that a program has to end by itself.
_GRACE = 3.0

#: A variable that tells all that one call has started, wherever they went.
_MARK = "DRYDOCK_CALL"


def find(program: str) -> str | None:
    """The full path of a program, also where only root's PATH looks; None when it isn't there."""
    found = shutil.which(program)
    for folder in _ADMIN_FOLDERS if found is None else ():
        found = found or shutil.which(program, path=folder)
    return found


def require(programs: Sequence[str], purpose: str) -> dict[str, str]:
    """The full path of each program, or :class:`ToolsMissing` naming every absent package at once."""
    found = {program: find(program) for program in programs}
    packages = PACKAGE_OF | COMPILER_PACKAGE_OF
    missing = {packages.get(program, program) for program, path in found.items() if path is None}
    if missing:
        raise ToolsMissing(sorted(missing), purpose)
    return {program: path for program, path in found.items() if path is not None}


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    timeout: float | None = None,
) -> str:
    """Run a program to its end and return what it printed on standard output.

    Raises :class:`CommandFailed` with the last lines it printed when it exits non-zero. Whatever interrupts us ends it,
    with all that it started.
    """
    words = [str(word) for word in argv]
    _log.debug("$ %s", " ".join(words))
    pipe, given = subprocess.PIPE, subprocess.DEVNULL if input is None else subprocess.PIPE
    call = secrets.token_hex(8)
    env = {**(os.environ if env is None else env), _MARK: call}
    with subprocess.Popen(words, cwd=cwd, env=env, stdin=given, stdout=pipe, stderr=pipe, process_group=0) as child:
        try:
            out, err = (said.decode(errors="replace") for said in child.communicate(input, timeout))
        except BaseException:
            end_group(child)
            _end_marked(call)
            raise
    if child.returncode != 0:
        raise CommandFailed(words, child.returncode, err or out)
    return out


def end_group(child: subprocess.Popen[Any]) -> None:
    """End a child that leads a process group, and whoever else is in it: as Ctrl-C does, or else outright."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):  # fakeroot, for one, ends a process that is in no group of ours
            child.wait(_GRACE)
        os.killpg(child.pid, signal.SIGKILL)


def _end_marked(call: str) -> None:
    """Kill who left the group: fakeroot's daemon does, and is forgotten when fakeroot is ended just as it begins."""
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it is another user's, or ended while we looked
            if f"{_MARK}={call}".encode() in file.read_bytes().split(b"\0"):
                os.kill(int(file.parent.name), signal.SIGKILL)
