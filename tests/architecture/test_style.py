"""The linters run as tests, so `make test` includes them."""

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
    # SC1091: a script may read a file that exists only when it runs.
    "shellcheck": ["shellcheck", "--exclude", "SC1091", *map(str, shell_scripts())],
}


@pytest.mark.parametrize("linter", LINTERS)
def test_linter_reports_nothing(linter: str) -> None:
    """A linter reports no problem in the whole repository."""
    program, *arguments = LINTERS[linter]
    result = subprocess.run([BIN / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{linter}:\n{result.stdout}{result.stderr}"
