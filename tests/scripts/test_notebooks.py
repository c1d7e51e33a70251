"""Formatting keeps notebooks readable as text."""

from __future__ import annotations

import json
from typing import Any

import nbformat

from scripts.notebooks import formatted, problems


def notebook(*cells: dict[str, Any]) -> str:
    """Return the text of a notebook as a run in JupyterLab leaves it."""
    metadata = {"language_info": {"name": "python", "version": "3.12.1"}, "widgets": {"state": {}}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def markdown_cell(name: str, **metadata: Any) -> dict[str, Any]:
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": "# Sum\nAdd."}


CODE_CELL = {
    "cell_type": "code",
    "execution_count": 3,
    "id": "one-and-one",
    "metadata": {"collapsed": True, "nbgrader": {"grade": True}, "tags": ["exercise"]},
    "outputs": [{"name": "stdout", "output_type": "stream", "text": ["2\n"]}],
    "source": ["print(1 + 1)"],
}


def test_results_of_a_run_are_removed() -> None:
    """Outputs, execution counts, versions and the editor's metadata go; ids, tags and nbgrader's metadata stay."""
    text = formatted(notebook(markdown_cell("title"), CODE_CELL))
    cell = json.loads(text)["cells"][1]
    assert (cell["outputs"], cell["execution_count"], cell["id"]) == ([], None, "one-and-one")
    assert cell["metadata"] == {"tags": ["exercise"], "nbgrader": {"grade": True}}
    assert "3.12.1" not in text
    assert "widgets" not in text


def test_notes_entries_are_kept() -> None:
    """A cell keeps the names of the notes ledger's entries that it proves."""
    text = formatted(notebook(markdown_cell("title", notes=["run-rm"], trusted=True)))
    assert json.loads(text)["cells"][0]["metadata"] == {"notes": ["run-rm"]}


def test_text_is_as_jupyter_writes_it() -> None:
    """Saving a formatted notebook in JupyterLab changes nothing, so a diff has only edits."""
    text = formatted(notebook(markdown_cell("title"), CODE_CELL))
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text
    assert formatted(text) == text


def test_ids_and_tags_are_checked() -> None:
    """An id that an editor generated, an id used twice and a mistyped tag are reported."""
    cells = [markdown_cell(name) for name in ("a1b2c3d4", "title", "title")]
    text = notebook(*cells, markdown_cell("step-2", tags=["excercise"]))
    assert problems(text) == [
        "cell id 'a1b2c3d4' is not words",
        "cell id 'title' is used 2 times",
        "cell step-2: unknown tag: excercise",
    ]
