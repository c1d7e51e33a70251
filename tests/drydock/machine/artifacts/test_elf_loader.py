"""Programs with a loader and libraries of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.errors import CommandFailed
from drydock.machine.artifacts import elf_loader
from drydock.machine.artifacts.elf_loader import C_LIBRARY, LOADER

#: A program that can print which files it has loaded.
CAT = Path("/usr/bin/cat")


def loaded(cat: Path) -> set[str]:
    """Return the loader and the libraries that a `cat`, or a script that starts one, has mapped into its memory."""
    output = subprocess.run([cat, "/proc/self/maps"], capture_output=True, text=True, check=True).stdout
    paths = {line.split(maxsplit=5)[5] for line in output.splitlines() if "/" in line}
    return {path for path in paths if ".so" in Path(path).name}


def test_the_libraries_of_a_program_are_found() -> None:
    """A program's loader and C library are listed, with their full paths."""
    names = {path.name for path in elf_loader.libraries(CAT)}
    assert {LOADER, C_LIBRARY} <= names
    assert all(path.is_file() for path in elf_loader.libraries(CAT))


def test_a_program_uses_the_given_loader_and_libraries(tmp_path: Path) -> None:
    """After the change, a program loads nothing but the copies beside it, from a path of any length."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    shutil.copy(CAT, folder / "cat")
    for library in elf_loader.libraries(CAT):
        shutil.copy(library, folder)
    elf_loader.set_library_path(folder / "cat", "$ORIGIN")
    elf_loader.set_loader(folder / "cat", folder / LOADER)
    assert {LOADER, C_LIBRARY} <= {Path(path).name for path in loaded(folder / "cat")}
    assert all(
        path.startswith(str(folder)) for path in loaded(folder / "cat") if path != "[vdso]" and "locale" not in path
    )


def test_another_file_is_an_error(tmp_path: Path) -> None:
    """A file that is no program is refused, with the reason of patchelf."""
    (tmp_path / "text").write_text("hello")
    with pytest.raises(CommandFailed, match="ELF header"):
        elf_loader.set_loader(tmp_path / "text", tmp_path / LOADER)
