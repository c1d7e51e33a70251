"""drydock/kernel: the image in which submitted notebooks run."""

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
    """The packages that the grader and students import are installed."""
    assert run(TAG, "python", "-c", "import docker, ipykernel, nbclient, nbformat, requests") == ""


def test_the_kernel_launcher_is_a_module(run: Callable[..., str]) -> None:
    """`python -m ipykernel_launcher` works in the image."""
    assert "connection_file" in run(TAG, "python", "-m", "ipykernel_launcher", "--help-all")


def test_a_notebook_runs_without_network(run: Callable[..., str]) -> None:
    """A kernel starts and executes a cell without a network."""
    assert "42 docker" in run(TAG, "python", "-c", EXECUTE, network_mode="none")


def test_modules_are_compiled(run: Callable[..., str]) -> None:
    """A start compiles no module of Python's packages, which would be slow in a machine."""
    script = "import docker, ipykernel.zmqshell as m, pathlib; print(pathlib.Path(m.__cached__).exists())"
    assert run(TAG, "python", "-c", script) == "True\n"


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image is smaller than 160 MB, of which Python's image has 125."""
    assert megabytes(TAG) < 160
