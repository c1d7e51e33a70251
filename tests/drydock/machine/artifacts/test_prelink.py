"""Prelinking: a program does what it did, from an address of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.machine.artifacts.prelink import prelink

#: Programs of any Debian or Ubuntu, with lazy and early binding, thread-local data and C++ among them.
_PROGRAMS = {
    "/usr/bin/bash": ["-c", "echo $((6 * 7)); type cd"],
    "/usr/bin/env": ["-i", "A=1"],
    "/usr/bin/ls": ["-d", "/usr"],
    "/usr/bin/perl": ["-e", "print join ',', map { $_ ** 2 } 1 .. 5"],
    "/usr/bin/apt-get": ["--version"],
    "/usr/bin/awk": ['BEGIN { print toupper(substr("drydock", 1, 3)) }'],
}


@pytest.mark.parametrize("program", _PROGRAMS)
def test_it_says_what_it_said(program: str, tmp_path: Path) -> None:
    """A prelinked program prints the same and ends the same."""
    moved = tmp_path / "program"
    shutil.copy(program, moved)
    assert prelink(moved)
    before, after = (_ran([path, *_PROGRAMS[program]]) for path in (program, str(moved)))
    assert before.returncode == 0
    assert (after.returncode, after.stdout) == (before.returncode, before.stdout)


def test_it_lives_where_it_was_told(tmp_path: Path) -> None:
    """Its code is mapped at the fixed address, where a position-independent program never is."""
    moved = tmp_path / "cat"
    shutil.copy("/usr/bin/cat", moved)
    assert prelink(moved)
    assert _ran([str(moved), "/proc/self/maps"]).stdout.startswith("00400000-")


def test_a_prelinked_program_is_left_alone(tmp_path: Path) -> None:
    """Doing it twice is doing it once."""
    moved = tmp_path / "ls"
    shutil.copy("/usr/bin/ls", moved)
    assert prelink(moved)
    once = moved.read_bytes()
    assert not prelink(moved)
    assert moved.read_bytes() == once


def test_what_is_no_such_program_is_left_alone(tmp_path: Path) -> None:
    """A script and a shared library stay as they are."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho hello\n")
    assert not prelink(script)
    assert script.read_text() == "#!/bin/sh\necho hello\n"


def _ran(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
