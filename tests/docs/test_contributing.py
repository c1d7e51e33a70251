"""CONTRIBUTING.md, followed to the letter in a copy of the repository, leads to a change that passes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, name

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
_MODULE = re.compile(r"This is all of\s+`([^`]+)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Linters of the whole repository have tests of their own; here they look at the new files.
LINTERS = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "--follow-imports=silent"])


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the repository's files, as a repository of its own, with the present environment as `.venv/`."""
    for path in files():
        target = tmp_path / name(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def run(clone: Path, command: list[str]) -> None:
    """Run a program of the environment in the copy."""
    result = subprocess.run(
        [f".venv/bin/{command[0]}", *command[1:]], cwd=clone, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_first_change_passes(clone: Path) -> None:
    """The page's module and its test pass their own test, the linters, and the tests of names and layout."""
    modules = dict(_MODULE.findall(PAGE))
    assert len(modules) == 2
    for path, text in modules.items():
        assert not (clone / path).exists()
        (clone / path).write_text(text)
    [command] = re.findall(r"^\.venv/bin/(python -m pytest .*)$", PAGE, re.MULTILINE)
    assert command.split()[-1] in modules
    run(clone, command.split())
    for linter in LINTERS:
        run(clone, [*linter, *modules])
    rules = [f"tests/architecture/test_{rule}.py" for rule in ("layout", "module_names", "imports", "forbidden_words")]
    run(clone, ["python", "-m", "pytest", "-n0", "--quiet", *rules])
    run(clone, ["python", "-m", "tests.architecture.vocabulary", *modules])


def test_the_named_commands_exist() -> None:
    """Each `make` target on the page is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake\s+([a-z-]+)", PAGE))
    assert {"setup-dev", "test-fast", "format", "lint", "test", "lock"} <= named
    assert named <= targets
