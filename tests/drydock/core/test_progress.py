"""Progress output in a pipe, in a terminal and in a notebook."""

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


def test_progress_goes_to_standard_error() -> None:
    """Standard output has the program's result only, and brackets in a task are printed as they are."""
    done = subprocess.run([sys.executable, "-c", STEP], capture_output=True, text=True, check=True)
    assert done.stdout == "result\n"
    assert re.fullmatch(r"Building \[1/2\] …\nBuilding \[1/2\]: done in \d+\.\d s\n", done.stderr)


def test_terminal_shows_the_seconds() -> None:
    """In a terminal, the line that stays after the spinner has the seconds."""
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", STEP], stderr=follower, stdout=subprocess.DEVNULL, env=env, check=True)
    os.close(follower)
    output = b""
    while b"done in" not in output:
        output += os.read(leader, 4096)
    os.close(leader)
    assert re.search(rb"Building \[1/2\]: done in \d", output)


def test_failed_step_is_not_done(capsys: pytest.CaptureFixture[str]) -> None:
    """A step that raises an exception is not reported as done."""
    with pytest.raises(ZeroDivisionError), progress.step("Dividing"):
        _ = 1 / 0
    assert "done" not in capsys.readouterr().err


def test_notebook_shows_progress_below_the_cell() -> None:
    """In a kernel, progress goes to standard output, which Jupyter shows without a red background; nothing spins."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(STEP)])
    NotebookClient(notebook, coalesce_streams=True).execute()
    [output] = notebook.cells[0].outputs
    assert output.name == "stdout"
    assert re.fullmatch(r"Building \[1/2\] …\nresult\nBuilding \[1/2\]: done in \d+\.\d s\n", output.text)


def test_program_with_ipykernel_is_no_notebook() -> None:
    """A program that imports ipykernel to run notebooks, as the grader does, has its progress on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", "import ipykernel.kernelapp\n" + STEP], capture_output=True, text=True, check=True
    )
    assert done.stdout == "result\n"
