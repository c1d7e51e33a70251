"""Long work says what it is doing, where the one who waits can see it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from drydock.core import progress

STEP = "from drydock.core.progress import step\nwith step('Building [1/2]'):\n    print('result')\n"


def test_a_step_is_told_on_standard_error() -> None:
    """A program that reads standard output gets the result alone; brackets in a line are taken as they are."""
    done = subprocess.run([sys.executable, "-c", STEP], capture_output=True, text=True, check=True)
    assert done.stdout == "result\n"
    assert re.fullmatch(r"Building \[1/2\] …\nBuilding \[1/2\]: done in \d+\.\d s\n", done.stderr)


def test_a_terminal_gets_the_seconds_as_well() -> None:
    """In a terminal the step spins, and the line that stays tells how long it took."""
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", STEP], stderr=follower, stdout=subprocess.DEVNULL, env=env, check=True)
    os.close(follower)
    shown = b""
    while b"done in" not in shown:
        shown += os.read(leader, 4096)
    os.close(leader)
    assert re.search(rb"Building \[1/2\]: done in \d", shown)


def test_a_step_that_fails_is_not_called_done(capsys: pytest.CaptureFixture[str]) -> None:
    """When the work raises, nothing claims that it was done."""
    with pytest.raises(ZeroDivisionError), progress.step("Dividing"):
        _ = 1 / 0
    assert "done" not in capsys.readouterr().err


def test_in_a_notebook_the_line_appears_under_the_cell() -> None:
    """In a kernel it goes to standard output, which Jupyter shows without alarm, and nothing spins."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(STEP)])
    NotebookClient(notebook, coalesce_streams=True).execute()
    [said] = notebook.cells[0].outputs
    assert said.name == "stdout"
    assert re.fullmatch(r"Building \[1/2\] …\nresult\nBuilding \[1/2\]: done in \d+\.\d s\n", said.text)


def test_importing_a_kernel_is_not_being_one() -> None:
    """A program that runs notebooks, as the grader does, keeps its progress on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", "import ipykernel.kernelapp\n" + STEP], capture_output=True, text=True, check=True
    )
    assert done.stdout == "result\n"
