"""The command line of ``autograder``."""

from __future__ import annotations

import argparse
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli

#: Imported when they are needed: each takes longer than a command that prints its help.
_LATE = {"nbgrader", "docker", "distributed", "nbformat", "nbconvert", "sqlalchemy", "IPython", "ipywidgets", "rich"}


@pytest.mark.parametrize("workers", ["0", "-1", "many"])
def test_a_number_of_workers_below_one_is_refused(workers: str) -> None:
    """The command line reports it, and nothing is started."""
    with pytest.raises(SystemExit) as refused:
        cli.main(["grade", "service", "--workers", workers])
    assert refused.value.code == 2


def test_each_command_names_its_function() -> None:
    """The parser knows functions by name only, and each name is a function's."""
    [action] = [action for action in cli._parser()._actions if isinstance(action, argparse._SubParsersAction)]
    names = [parser.get_default("run") for parser in action.choices.values()]
    assert all(callable(pkgutil.resolve_name(name)) for name in names)


@pytest.mark.parametrize("words", [["--help"], ["grade", "--help"]])
def test_help_imports_nothing_else(words: list[str]) -> None:
    """Help is printed without nbgrader, docker-py and the other libraries that grading needs."""
    code = f"import sys; from autograder import cli\ntry: cli.main({words})\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    loaded = set(done.stdout.split())
    assert "autograder.cli" in loaded
    assert loaded & _LATE == set()


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """A command whose output nobody reads, as behind `head`, ends silently."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "autograder.cli", "doctor"]
    done = subprocess.run(
        command, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode in (1, 141)  # Rich ends with 1 by itself
