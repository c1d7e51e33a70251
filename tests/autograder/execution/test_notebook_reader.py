"""Notebooks as editors write them."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from autograder.errors import UnreadableNotebook
from autograder.execution import notebook_reader, sanitize
from autograder.execution.notebook_reader import read

CODE: dict[str, Any] = {"cell_type": "code", "source": "print(1)"}
ODD: dict[str, dict[str, Any]] = {
    "no outputs": {},
    "lines": {"source": ["print", "(1)"]},
    "a stream without a name": {"outputs": [{"output_type": "stream", "text": "1"}]},
    "an output without metadata": {"outputs": [{"output_type": "display_data", "data": {"text/plain": ["1"]}}]},
    "an empty error": {"outputs": [{"output_type": "error"}]},
    "other types": {"outputs": "none", "execution_count": "three", "metadata": None},
    "tags that are none": {"metadata": {"tags": ["a, b", "a, b"], "collapsed": "yes", "name": "", "jupyter": 3}},
    "a count below zero": {"execution_count": -1},
    "an invalid id": {"id": "not valid!", "attachments": {}},
}


def notebook(*cells: Any, **more: Any) -> bytes:
    """A notebook with these cells."""
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **more}).encode()


@pytest.mark.parametrize("odd", ODD)
def test_what_the_schema_forbids_costs_nothing(odd: str) -> None:
    """The source is there, and what comes out is valid and can be shown."""
    for minor in (0, 4, 5):
        result = read(notebook({**CODE, **ODD[odd]}, nbformat_minor=minor))
        assert result.cells[0].source == "print(1)"
        nbformat.validate(result)
        nbformat.validate(sanitize.harmless(result))


def test_metadata_of_the_notebook_is_not_judged() -> None:
    """A kernel without a name, or a title that is a number, costs nothing."""
    metadata = {"kernelspec": {}, "language_info": {"name": 1}, "title": 1, "orig_nbformat": "x"}
    assert read(notebook(CODE, metadata=metadata)).cells[0].source == "print(1)"


def test_markdown_with_outputs_and_equal_ids() -> None:
    """Outputs of a Markdown cell go; of two equal ids the second becomes another."""
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "source": "x",
        "outputs": [],
        "execution_count": None,
        "id": "same",
    }
    result = read(notebook(cell, cell))
    nbformat.validate(result)
    assert result.cells[0].id == "same" != result.cells[1].id


def test_format_three_is_read() -> None:
    """Worksheets, inputs and headings of 2013."""
    output = {"output_type": "pyout", "text": "1"}
    code = {"cell_type": "code", "input": "print(1)", "language": "python", "outputs": [output]}
    sheet = {"cells": [{"cell_type": "heading", "level": 2, "source": "Title"}, code]}
    result = read(json.dumps({"worksheets": [sheet], "nbformat": 3}).encode())
    assert [cell.source for cell in result.cells] == ["## Title", "print(1)"]
    assert result.cells[1].outputs[0].data == {"text/plain": "1"}


def test_half_an_emoji_is_replaced() -> None:
    """In sources, outputs and metadata; what comes out can be written."""
    half = "\ud83d"
    outputs = [{"output_type": "stream", "text": half}]
    cell = {**CODE, "source": f"# {half}", "metadata": {half: half}, "outputs": outputs}
    assert "\ufffd" in sanitize.text(read(notebook(cell))).encode().decode()


#: What editors, shells, crashes and conflicts make of a notebook's file.
ODD_FILES: dict[str, bytes] = {
    "a byte order mark": b"\xef\xbb\xbf" + notebook(CODE),
    "UTF-16 of PowerShell": notebook(CODE).decode().encode("utf-16"),
    "UTF-16 without a byte order": notebook(CODE).decode().encode("utf-16-le"),
    "UTF-32": notebook(CODE).decode().encode("utf-32"),
    "a comment in Latin-1": notebook(CODE, {"cell_type": "raw", "source": "gr@e"}).replace(b"@", b"\xf6"),
    "zeros at the end": notebook(CODE) + bytes(100),
    "the end of an older version": notebook(CODE) + b'"}]}\n',
    "a number of 5,000 digits": notebook(CODE, version=1).replace(b'"version": 1', b'"version": ' + b"4" * 5000),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_a_file_that_was_not_saved_well_is_read(kind: str) -> None:
    """The encoding and what follows the notebook cost nothing."""
    assert read(ODD_FILES[kind]).cells[0].source == "print(1)"


def test_every_worksheet_is_read() -> None:
    """Format 3 may have several, and what is none of them is left out."""
    sheets = [{"cells": [{"cell_type": "code", "input": text}]} for text in ("first", "second")]
    result = read(json.dumps({"worksheets": [sheets[0], None, sheets[1]], "nbformat": 3}).encode())
    assert [cell.source for cell in result.cells] == ["first", "second"]


def test_outputs_do_not_count_as_size() -> None:
    """Five megabytes of output are dropped before the size is judged; five of text are too many."""
    large = "x" * (5 << 20)
    assert read(notebook({**CODE, "outputs": [{"output_type": "stream", "text": large}]})).cells
    with pytest.raises(UnreadableNotebook, match="4 MB"):
        read(notebook({**CODE, "source": large}))


def test_no_cells_is_no_notebook() -> None:
    """A file of cells that are none, or of no cells at all, is refused with a reason."""
    for data in (b"[]", b"{}", b'{"cells": 3}', b'{"cells": ["text"]}', b'{"worksheets": []}'):
        with pytest.raises(UnreadableNotebook, match="not a notebook"):
            read(data)


@pytest.mark.parametrize("cells", [[{}] * 30_000, [[]] * 2_100_000])
def test_very_many_cells_are_refused_before_they_are_made(cells: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell of three bytes becomes an object of several KB."""
    monkeypatch.setattr(notebook_reader, "_cell", pytest.fail)
    with pytest.raises(UnreadableNotebook) as refused:
        read(notebook(*cells))
    assert "more than 25,000 cells" in refused.value.why or "millions" in refused.value.why


def test_twenty_thousand_cells_are_few_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before the limit existed is still read."""
    made = nbformat.from_dict({"cell_type": "markdown", "id": "a", "source": "", "metadata": {}})
    monkeypatch.setattr(notebook_reader, "_cell", lambda _: made.copy())
    monkeypatch.setattr(notebook_reader, "_with_own_ids", lambda cells: cells[:1])
    assert len(read(notebook(*[{}] * 20_000)).cells) == 1


def test_surplus_outputs_are_dropped_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs count for nothing, so very many of them cost the student nothing, and the grader little."""
    monkeypatch.setattr(notebook_reader, "_MOST_OUTPUTS", 3)
    cell = {**CODE, "outputs": [{"output_type": "stream", "text": "x"}] * 2}
    assert [len(cell.outputs) for cell in read(notebook(cell, cell, cell)).cells] == [2, 1, 0]
