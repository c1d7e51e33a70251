"""Style is a test: what the linters say, `make test` says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, shell_scripts

BIN = Path(sys.executable).parent

LINTERS = {
    "ruff check": ["ruff", "check", "--quiet", "."],
    "ruff format": ["ruff", "format", "--check", "--quiet", "."],
    "mypy strict": ["mypy", "--no-error-summary"],
    "notebooks": ["python", "-m", "scripts.notebooks", "--check"],
    # SC1091: a script may read settings that are only there when it runs.
    "shellcheck": ["shellcheck", "--exclude", "SC1091", *map(str, shell_scripts())],
}


@pytest.mark.parametrize("linter", LINTERS)
def test_has_nothing_to_say(linter: str) -> None:
    """A linter finds nothing in the whole repository."""
    program, *words = LINTERS[linter]
    done = subprocess.run([BIN / program, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{linter}:\n{done.stdout}{done.stderr}"
