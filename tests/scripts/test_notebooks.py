"""Notebooks stay readable as text."""

from __future__ import annotations

import json
from typing import Any

import nbformat

from scripts.notebooks import formatted, problems


def notebook(*cells: dict[str, Any]) -> str:
    """The text of a notebook as it is after a run in JupyterLab."""
    about = {"language_info": {"name": "python", "version": "3.12.1"}, "widgets": {"state": {}}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def prose(name: str, **metadata: Any) -> dict[str, Any]:
    """A cell of prose."""
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": "# Sum\nAdd."}


RAN = {
    "cell_type": "code",
    "execution_count": 3,
    "id": "one-and-one",
    "metadata": {"collapsed": True, "nbgrader": {"grade": True}, "tags": ["exercise"]},
    "outputs": [{"name": "stdout", "output_type": "stream", "text": ["2\n"]}],
    "source": ["print(1 + 1)"],
}


def test_formatting_takes_away_what_a_run_left() -> None:
    """Outputs, counts, versions and the editor's notes go; ids, tags and nbgrader's metadata stay."""
    text = formatted(notebook(prose("title"), RAN))
    cell = json.loads(text)["cells"][1]
    assert (cell["outputs"], cell["execution_count"], cell["id"]) == ([], None, "one-and-one")
    assert cell["metadata"] == {"tags": ["exercise"], "nbgrader": {"grade": True}}
    assert "3.12.1" not in text
    assert "widgets" not in text


def test_formatting_keeps_what_a_cell_proves() -> None:
    """A cell that names entries of the ledger of the notes still names them afterwards."""
    text = formatted(notebook(prose("title", notes=["run-rm"], trusted=True)))
    assert json.loads(text)["cells"][0]["metadata"] == {"notes": ["run-rm"]}


def test_formatting_writes_what_jupyter_writes() -> None:
    """Saving a formatted notebook in JupyterLab changes nothing, so that a difference shows what was edited."""
    text = formatted(notebook(prose("title"), RAN))
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text
    assert formatted(text) == text


def test_ids_are_words_and_tags_are_known() -> None:
    """An id that an editor made up, an id used twice and a mistyped tag are each told."""
    text = notebook(prose("a1b2c3d4"), prose("title"), prose("title"), prose("step-2", tags=["excercise"]))
    assert problems(text) == [
        "cell id 'a1b2c3d4' is not words",
        "cell id 'title' is there 2 times",
        "cell step-2: no such tag: excercise",
    ]
