"""Bundled programs: what a bundle brings so that a machine needs no program of this computer.

    programs-KEY/   bin/ (slirp4netns, docker, docker-compose), cli-plugins/, lib/ (their loader and libraries)

The folder is in the artifact cache; :mod:`drydock.machine.artifacts.program_files` fills it. Its programs run on any
Linux: they use no file of this computer's C library.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drydock.core import command
from drydock.core.paths import cache_folder

#: The start of the folder's name in the artifact cache; a hash follows.
PREFIX = "programs-"
_HASH = "[0-9a-f]" * 16
_INSTEAD = "Or install a bundle, which brings what machines need: drydock machine build --from FILE|URL"


def folder() -> Path | None:
    """Return the folder of the bundled programs that were installed last; None when no bundle has brought any."""
    return max(cache_folder().glob(PREFIX + _HASH), key=lambda path: path.stat().st_mtime_ns, default=None)


def find(program: str) -> str | None:
    """Return a program's full path: the bundled one, else this computer's own; None if there is neither."""
    bundled = folder()
    if bundled is not None and (file := bundled / "bin" / program).is_file():
        return str(file)
    return command.find(program)


def require(programs: Sequence[str], purpose: str) -> dict[str, str]:
    """Return the full path of each program; raise :class:`~drydock.errors.ToolsMissing`, which names bundles, too."""
    return command.require(programs, purpose, finder=find, instead=_INSTEAD)


def required_paths(program: Path) -> list[Path]:
    """Return the paths that must be visible to run a program in isolation, where /usr is always visible."""
    package = program.parent.parent
    return [program, package / "lib"] if package.name.startswith(PREFIX) else [program]
