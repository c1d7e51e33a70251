"""Reads a notebook as any editor writes it: takes what is named here, drops everything else, and validates nothing.

Editors write what nbformat's schema forbids: ids at format 4.4, code cells without ``outputs`` or ``execution_count``,
outputs on a Markdown cell, a stream without a name, format 3. None of that matters for grading, so none of it costs a
student anything. What has no cells is no notebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import UnreadableNotebook
from autograder.submission import as_text
from drydock.core import notebook_json
from drydock.submit import NOTEBOOK_LIMIT, RAW_LIMIT

# nbformat's functions carry no types.
_v4: Any = nbformat.v4

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: nbgrader's metadata, and ours.
_METADATA = ("nbgrader", "drydock")
#: A cell of 3 bytes becomes an object of several KB, and so does an output; an empty list or object of JSON takes some
#: hundred bytes. So these limits hold before the objects are made. They are far from what a person writes.
_MOST_CELLS, _MOST_OUTPUTS, _MOST_BRACKETS = 25_000, 5_000, 2_000_000
#: Format 3 names a few kinds of data by short words.
_SHORT_KINDS = {"text": "text/plain", "png": "image/png", "jpeg": "image/jpeg"}


def read(data: bytes) -> NotebookNode:
    """Return the notebook in these bytes in format 4.5, or raise :class:`UnreadableNotebook`."""
    if len(data) > RAW_LIMIT:
        raise UnreadableNotebook(f"it is larger than {RAW_LIMIT >> 20} MB")
    if data.count(b"{") + data.count(b"[") > _MOST_BRACKETS:
        raise UnreadableNotebook("it has millions of lists or objects")
    try:
        raw = notebook_json.parsed(data)
        entries = notebook_json.cells_of(raw)
        if len(entries) > _MOST_CELLS:
            raise UnreadableNotebook(f"it has more than {_MOST_CELLS:,} cells")
        _drop_surplus_outputs(entries)
        cells = [cell for entry in entries if (cell := _cell(entry)) is not None]
        metadata = _metadata(raw.get("metadata"))
    except notebook_json.NoNotebookJson as error:
        raise UnreadableNotebook(str(error)) from None
    except RecursionError:
        raise UnreadableNotebook("it is nested too deeply") from None
    if entries and not cells:
        raise UnreadableNotebook("it is not a notebook: what stands for its cells are none")
    if sum(len(cell.source) for cell in cells) > NOTEBOOK_LIMIT:
        raise UnreadableNotebook(f"its cells have more than {NOTEBOOK_LIMIT >> 20} MB of text")
    notebook: NotebookNode = _v4.new_notebook(cells=_with_own_ids(cells), metadata=metadata)
    return notebook


def _drop_surplus_outputs(entries: list[Any]) -> None:
    """Keep the first outputs of all cells together: they count for nothing, so too many cost no points."""
    left = _MOST_OUTPUTS
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("outputs"), list):
            entry["outputs"] = entry["outputs"][:left]
            left -= len(entry["outputs"])


def _cell(entry: Any) -> NotebookNode | None:
    """Return a cell with its source, its id and metadata, and outputs if it is code; None for what is no cell."""
    if not isinstance(entry, dict):
        return None
    kind = entry.get("cell_type")
    source = _text(entry.get("source", entry.get("input", "")))
    metadata = _metadata(entry.get("metadata"))
    cell: NotebookNode
    if kind == "code":
        outputs = list(_outputs(entry.get("outputs")))
        count = entry.get("execution_count")
        count = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
        cell = _v4.new_code_cell(source, metadata=metadata, outputs=outputs, execution_count=count)
    elif kind == "heading":
        level = entry.get("level")
        marks = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
        cell = _v4.new_markdown_cell(f"{marks} {source}", metadata=metadata)
    elif kind == "raw":
        cell = _v4.new_raw_cell(source, metadata=metadata)
    else:
        cell = _v4.new_markdown_cell(source, metadata=metadata)
    if isinstance(entry.get("id"), str) and _ID.fullmatch(entry["id"]):
        cell.id = entry["id"]
    return cell


def _with_own_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Give a new id to a cell whose id another cell has already."""
    known: set[str] = set()
    for number, cell in enumerate(cells):
        if cell.id in known:
            cell.id = f"cell-{number}"[:64] if f"cell-{number}" not in known else _v4.new_raw_cell().id
        known.add(cell.id)
    return cells


def _outputs(entries: Any) -> Iterator[NotebookNode]:
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and (output := _output(entry)) is not None:
            yield output


def _output(entry: Mapping[str, Any]) -> NotebookNode | None:
    output: NotebookNode | None = None
    match entry.get("output_type"):
        case "stream":
            name = "stderr" if "stderr" in (entry.get("name"), entry.get("stream")) else "stdout"
            output = _v4.new_output("stream", name=name, text=_text(entry.get("text")))
        case "error" | "pyerr":
            lines = entry.get("traceback")
            traceback = [_text(line) for line in lines] if isinstance(lines, list) else []
            names = {"ename": _text(entry.get("ename")), "evalue": _text(entry.get("evalue"))}
            output = _v4.new_output("error", traceback=traceback, **names)
        case "display_data" | "execute_result" | "pyout" | "update_display_data":
            data = entry.get("data")
            bundle = (
                data if isinstance(data, dict) else {long: entry.get(short) for short, long in _SHORT_KINDS.items()}
            )
            kept = {str(kind): _text(value) for kind, value in bundle.items() if isinstance(value, str | list)}
            output = _v4.new_output("display_data", data=kept)
    return output


def _text(value: Any) -> str:
    """Return a text, or the lines of one; half a surrogate pair becomes a replacement character."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return as_text(value) if isinstance(value, str) else ""


def _metadata(value: Any) -> dict[str, Any]:
    """Return the metadata that grading knows: the schema has rules for other keys, as tags, which editors break."""
    return {key: _json(value[key]) for key in _METADATA if key in value} if isinstance(value, dict) else {}


def _json(value: Any) -> Any:
    """Return a JSON value whose texts can be written as UTF-8."""
    if isinstance(value, dict):
        return {_text(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return _text(value) if isinstance(value, str) else value
