"""The advice for a person who gives points by hand: what the source notebook has for an answer, and students don't get.

It is in nbgrader's regions: the reference answer and the advice between ``### BEGIN SOLUTION`` and ``### END SOLUTION``
of a cell for an answer, or a mark scheme between ``### BEGIN MARK SCHEME`` and ``### END MARK SCHEME`` of a task. In
formgrader it is a cell of its own below the student's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import UnreadableNotebook
from autograder.execution import sanitize

_REGION = re.compile(
    r"^[^\n]*BEGIN (?P<kind>SOLUTION|MARK SCHEME)[^\n]*\n(?P<text>.*?)^[^\n]*END (?P=kind)", re.MULTILINE | re.DOTALL
)
#: The metadata of a cell with advice. A student's cell never has it: all metadata but nbgrader's is dropped.
_MARK = {"marking_advice": True}
_HEADING = "**Marking advice** (students don't see it)"

#: The text of the advice, by the id of the cell that a person grades.
Advice = Mapping[str, str]


def advice_in(source: Path) -> dict[str, str]:
    """Return the advice in a source notebook; none where there is no such notebook."""
    try:
        cells = sanitize.read(source.read_bytes()).cells
    except (OSError, UnreadableNotebook):
        return {}
    graded = [cell for cell in cells if _is_graded_by_hand(cell.metadata.get("nbgrader", {}))]
    texts = {cell.metadata["nbgrader"]["grade_id"]: _text(cell) for cell in graded}
    return {name: text for name, text in texts.items() if text}


def add_advice(notebook: NotebookNode, advice: Advice) -> None:
    """Add a cell with the advice below each cell that has some."""
    notebook.cells = [added for cell in notebook.cells for added in _with_advice(cell, advice)]


def remove_advice(notebook: NotebookNode) -> None:
    """Remove the cells that :func:`add_advice` added."""
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("drydock") != _MARK]


def _is_graded_by_hand(marks: Mapping[str, object]) -> bool:
    return bool(marks.get("task") or (marks.get("grade") and marks.get("solution")))


def _text(cell: NotebookNode) -> str:
    text = "\n\n".join(region["text"].strip() for region in _REGION.finditer(f"{cell.source}\n"))
    return f"```python\n{text}\n```" if text and cell.cell_type == "code" else text


def _with_advice(cell: NotebookNode, advice: Advice) -> Iterator[NotebookNode]:
    yield cell
    text = advice.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
    if text:
        quoted = "\n".join(f"> {line}" for line in (_HEADING, "", *text.splitlines()))
        added = sanitize.prose(quoted)
        added.metadata["drydock"] = dict(_MARK)
        yield added
