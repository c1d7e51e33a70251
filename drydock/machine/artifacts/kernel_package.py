"""Debian's package of the kernel's source: the newest that the suite or its backports have.

Backports keep only their newest version, so a fixed name would disappear after some months.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from drydock.core.command import require, run
from drydock.errors import KernelSourceMissing
from drydock.machine.artifacts import rootfs

#: The first version whose User Mode Linux can run processes under seccomp.
MINIMUM = (6, 16)

#: A setup hook for mmdebstrap that adds the suite's backports, which have newer sources, from the same archive.
BACKPORTS = (
    f'sed -n "1s/ {rootfs.SUITE} / {rootfs.SUITE}-backports /p" "$1/etc/apt/sources.list"'
    ' > "$1/etc/apt/sources.list.d/backports.list"'
)
_PREFIX = "linux-source-"
_TIMEOUT = 600


def choose(names: Iterable[str]) -> str:
    """Return the package with the newest source; raise :class:`KernelSourceMissing` if none is new enough."""
    versions = {version: name for name in names if (version := _version(name))}
    newest = max(versions, default=())
    if newest < MINIMUM:
        raise KernelSourceMissing(".".join(map(str, MINIMUM)), list(versions.values()))
    return versions[newest]


def listed() -> list[str]:
    """Return the names of the suite's and its backports' packages that begin with ``linux-source-``."""
    program = require(["mmdebstrap"], "find the kernel's source")["mmdebstrap"]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "names"
        # apt's configuration and lists exist only while mmdebstrap runs.
        hook = f'--extract-hook=APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-cache pkgnames {_PREFIX} > "{output}"'
        options = ["--mode=chrootless", "--variant=extract", "--quiet", f"--setup-hook={BACKPORTS}", hook]
        run([program, *options, rootfs.SUITE, Path(folder) / "root"], timeout=_TIMEOUT)
        return output.read_text().split()


def _version(name: str) -> tuple[int, ...]:
    """Return a source package's version; empty for any other package, such as the one with a configuration."""
    match = re.fullmatch(rf"{_PREFIX}(\d+(?:\.\d+)+)", name)
    return tuple(map(int, match[1].split("."))) if match else ()
