"""The files of the bundled programs: collected on the computer that makes a bundle, set up where it is installed.

The network helper is changed to name its own loader. The docker CLI and its plug-ins are files of the base disk's
folder, which stays as it was built; each gets a script here that starts it with our loader.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from drydock.machine.artifacts import elf_loader
from drydock.machine.artifacts.elf_loader import C_LIBRARY, LOADER
from drydock.machine.host import bundled_programs
from drydock.machine.store import artifact_cache

#: The programs that are copied; a machine runs no other program of this computer.
_PROGRAMS = ("slirp4netns",)
_SCRIPT = """\
#!/bin/sh
exec {loader} --library-path {libraries} --argv0 "$0" {program} "$@"
"""


def collect(folder: Path, tools: Path) -> None:
    """Copy the programs to an empty folder, with the loader and all libraries of these and of the ``tools``.

    Raises :class:`~drydock.errors.ToolsMissing` when this computer lacks one of them.
    """
    paths = bundled_programs.require(_PROGRAMS, "be part of a bundle")
    bundled = bundled_programs.folder()
    if bundled is not None:
        libraries = _files(bundled / "lib")
    else:
        programs = (*map(Path, paths.values()), *_files(tools))
        libraries = [library for program in programs for library in elf_loader.libraries(program)]
    for name in ("bin", "lib"):
        (folder / name).mkdir()
    for name, path in paths.items():
        shutil.copy(path, folder / "bin" / name)
    for library in libraries:
        shutil.copy(library, folder / "lib" / library.name)


def cache_name(folder: Path, base: str) -> str:
    """Return the name of the collected folder in the artifact cache; its scripts belong to one base disk's folder."""
    files = _files(folder)
    parts: list[str | Path] = [base, *(str(file.relative_to(folder)) for file in files), *files]
    return bundled_programs.PREFIX + artifact_cache.key(parts)


def set_up(folder: Path, final: Path, tools: Path) -> None:
    """Make the programs in ``folder`` ready to run in ``final``, with scripts for the ``tools`` of the base disk."""
    loader, libraries = final / "lib" / LOADER, final / "lib"
    for name in _PROGRAMS:
        elf_loader.set_library_path(folder / "bin" / name, "$ORIGIN/../lib")
        elf_loader.set_loader(folder / "bin" / name, loader)
    for tool in _files(tools):
        script = folder / tool.relative_to(tools)
        script.parent.mkdir(exist_ok=True)
        words = {"loader": loader, "libraries": libraries, "program": tool}
        script.write_text(_SCRIPT.format(**{name: shlex.quote(str(path)) for name, path in words.items()}))
        script.chmod(0o755)


def give_loader(kernel: Path, programs: Path) -> None:
    """Copy loader and C library to a kernel's folder, where an isolated kernel finds them, too.

    A kernel that was stored with its own stays unchanged.
    """
    if (kernel / "lib").exists():
        return
    (kernel / "lib").mkdir()
    for name in (LOADER, C_LIBRARY):
        shutil.copy(programs / "lib" / name, kernel / "lib" / name)
    elf_loader.set_library_path(kernel / "linux", "$ORIGIN/lib")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
