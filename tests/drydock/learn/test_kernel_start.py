"""A ``NameError`` in a new kernel, and the traceback folded below the message."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from drydock import lab


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[Any]]:
    """The outputs of cells that ran one after the other in a new kernel, by source."""
    sources = [
        "client.ping()",
        "1",
        "2",
        "mispelt",
        "token()",
        "%load_ext drydock.learn.kernel_start",
        "print('usual')",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    extension = ["--ext=drydock.learn.kernel_start"]
    client = NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=120, extra_arguments=extension)
    with client.setup_kernel():
        for index, cell in enumerate(cells):
            with suppress(CellExecutionError):
                client.execute_cell(cell, index)
    return {cell.source: cell.outputs for cell in cells}


def test_a_name_of_the_first_cell(outputs: dict[str, list[Any]]) -> None:
    """The message says what a restart means and which cells to run; Python's traceback is folded below it."""
    error, folded = outputs["client.ping()"]
    assert error.ename == "NameLost"
    assert "Run All Above" in "".join(error.traceback)
    assert "<details" in folded.data["text/html"]
    assert "NameError: name &#x27;client&#x27; is not defined" in folded.data["text/html"]


def test_a_name_of_an_assignment_s_first_cell(outputs: dict[str, list[Any]]) -> None:
    """`token` is explained also after other cells have run."""
    assert outputs["token()"][0].ename == "NameLost"


def test_another_name_is_an_error_as_usual(outputs: dict[str, list[Any]]) -> None:
    """A misspelt name in a kernel in which cells have run shows Python's own error."""
    [error] = outputs["mispelt"]
    assert error.ename == "NameError"


def test_a_traceback_has_no_colours(outputs: dict[str, list[Any]]) -> None:
    """JupyterLab's colours can't be read on the red of an error, neither on a light nor on a dark page."""
    for source in ("client.ping()", "mispelt"):
        assert "\x1b[" not in "".join(outputs[source][0].traceback)


def test_the_lab_starts_kernels_with_it() -> None:
    """JupyterLab's Python kernel is the usual one, with this extension."""
    from jupyter_client.kernelspec import KernelSpecManager

    [path] = [Path(folder) for folder in lab.jupyter_environment({})["JUPYTER_PATH"].split(":")][:1]
    spec = KernelSpecManager(kernel_dirs=[str(path / "kernels")]).get_kernel_spec("python3")
    assert "--ext=drydock.learn.kernel_start" in spec.argv
    assert spec.argv[0] == "python"
