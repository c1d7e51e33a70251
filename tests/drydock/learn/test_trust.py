"""Jupyter's trust in notebooks that have not run yet."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from drydock.learn import trust


def is_trusted(file: Path, data: Path) -> bool:
    """Return whether Jupyter shows a notebook as trusted."""
    notary: Any = NotebookNotary(data_dir=str(data))
    with closing(notary.store):
        return bool(notary.check_signature(nbformat.read(file, as_version=4)))


@pytest.mark.parametrize("outputs", [[], [nbformat.v4.new_output("display_data", {"text/html": "<script></script>"})]])
def test_only_a_notebook_without_outputs_is_signed(tmp_path: Path, outputs: list[Any]) -> None:
    """A notebook that already has outputs, perhaps from somebody else, is not trusted by this."""
    file, data = tmp_path / "a.ipynb", tmp_path / "data"
    data.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=outputs)]), file)
    (tmp_path / "broken.ipynb").write_text("{")
    trust.sign_without_outputs([tmp_path / "broken.ipynb", file], data)
    assert is_trusted(file, data) == (outputs == [])


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", '{"cells": [3]}', '{"cells": 3, "nbformat": 4}', "<<<<<<< HEAD"])
def test_a_file_that_is_no_notebook_is_left_out(tmp_path: Path, text: str) -> None:
    """Whatever nbformat raises for such a file, the notebooks after it are signed."""
    broken, file, data = tmp_path / "a.ipynb", tmp_path / "b.ipynb", tmp_path / "data"
    data.mkdir()
    broken.write_text(text)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), file)
    trust.sign_without_outputs([broken, file], data)
    assert is_trusted(file, data)


def test_cells_without_ids_are_no_warning(tmp_path: Path) -> None:
    """A notebook of an older program is read without a warning on the terminal."""
    file, data = tmp_path / "a.ipynb", tmp_path / "data"
    data.mkdir()
    cell = {"cell_type": "markdown", "metadata": {}, "source": "words"}
    file.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    trust.sign_without_outputs([file], data)
