"""Prelinking: a program works as before, at a fixed load address."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.machine.artifacts.prelink import prelink

#: Programs of any Debian or Ubuntu; some have lazy or early binding, thread-local data, or are C++.
_PROGRAMS = {
    "/usr/bin/bash": ["-c", "echo $((6 * 7)); type cd"],
    "/usr/bin/env": ["-i", "A=1"],
    "/usr/bin/ls": ["-d", "/usr"],
    "/usr/bin/perl": ["-e", "print join ',', map { $_ ** 2 } 1 .. 5"],
    "/usr/bin/apt-get": ["--version"],
    "/usr/bin/awk": ['BEGIN { print toupper(substr("drydock", 1, 3)) }'],
}


@pytest.mark.parametrize("program", _PROGRAMS)
def test_the_output_is_the_same(program: str, tmp_path: Path) -> None:
    """A prelinked program prints the same output and exits with the same code."""
    copy = tmp_path / "program"
    shutil.copy(program, copy)
    assert prelink(copy)
    before, after = (_run([path, *_PROGRAMS[program]]) for path in (program, str(copy)))
    assert before.returncode == 0
    assert (after.returncode, after.stdout) == (before.returncode, before.stdout)


def test_the_load_address_is_fixed(tmp_path: Path) -> None:
    """The program is mapped at the fixed address, where a position-independent program never is."""
    copy = tmp_path / "cat"
    shutil.copy("/usr/bin/cat", copy)
    assert prelink(copy)
    assert _run([str(copy), "/proc/self/maps"]).stdout.startswith("00400000-")


def test_a_prelinked_program_is_unchanged(tmp_path: Path) -> None:
    """Prelinking a second time changes nothing."""
    copy = tmp_path / "ls"
    shutil.copy("/usr/bin/ls", copy)
    assert prelink(copy)
    prelinked = copy.read_bytes()
    assert not prelink(copy)
    assert copy.read_bytes() == prelinked


def test_other_files_are_unchanged(tmp_path: Path) -> None:
    """A script is not changed."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho hello\n")
    assert not prelink(script)
    assert script.read_text() == "#!/bin/sh\necho hello\n"


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
