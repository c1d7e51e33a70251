"""drydock/kernel: where a graded notebook runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.host

TAG = "drydock/kernel:1"

EXECUTE = """
import nbclient, nbformat
cell = nbformat.v4.new_code_cell("import docker\\nprint(6 * 7, docker.__name__)")
notebook = nbformat.v4.new_notebook(cells=[cell])
nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
print(notebook.cells[0].outputs[0].text)
"""


def test_imports(run: Callable[..., str]) -> None:
    """What a grader and a student import is there."""
    assert run(TAG, "python", "-c", "import docker, ipykernel, nbclient, nbformat, requests") == ""


def test_the_launcher_answers(run: Callable[..., str]) -> None:
    """`python -m ipykernel_launcher` is a command of the image."""
    assert "connection_file" in run(TAG, "python", "-m", "ipykernel_launcher", "--help-all")


def test_a_notebook_runs_without_network(run: Callable[..., str]) -> None:
    """A kernel starts, runs a cell and answers, though there is nobody else to talk to."""
    assert "42 docker" in run(TAG, "python", "-c", EXECUTE, network_mode="none")


def test_what_it_needs_is_compiled(run: Callable[..., str]) -> None:
    """A start compiles nothing of Python's packages: that would be slow in a machine."""
    script = "import docker, ipykernel.zmqshell as m, pathlib; print(pathlib.Path(m.__cached__).exists())"
    assert run(TAG, "python", "-c", script) == "True\n"


def test_size(megabytes: Callable[[str], float]) -> None:
    """It stays under 160 MB, Python's 112 included."""
    assert megabytes(TAG) < 160
