"""The one door to other programs: says what it runs when asked to, and fails with a finished message."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

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

    Raises :class:`CommandFailed` with the last lines it printed when it exits non-zero.
    """
    words = [str(word) for word in argv]
    _log.debug("$ %s", " ".join(words))
    done = subprocess.run(words, cwd=cwd, env=env, input=input, timeout=timeout, capture_output=True, check=False)
    out = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        raise CommandFailed(words, done.returncode, done.stderr.decode(errors="replace") or out)
    return out
