"""Odd submissions as real classes make them: changes of a right notebook that cost no student a point.

Each is one of a kind that once was unreadable, stopped a class, or had other scores by `nbgrader autograde`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.autograder.conftest import notebook_named

Cell = dict[str, Any]
Content = dict[str, Any]


def ids_of_a_later_format(content: Content) -> None:
    """Format 4.4 with the ids that cells have since 4.5."""
    content["nbformat_minor"] = 4


def no_outputs(content: Content) -> None:
    """Code cells without `outputs` and `execution_count`."""
    for cell in _code(content):
        del cell["outputs"], cell["execution_count"]


def no_metadata(content: Content) -> None:
    """Cells without metadata, where nbgrader has none."""
    for cell in content["cells"]:
        if "nbgrader" not in cell["metadata"]:
            del cell["metadata"]


def half_an_emoji(content: Content) -> None:
    """An answer with one half of a surrogate pair, which no file in UTF-8 can have."""
    _answer(content)["source"] += "\n# done \ud83d"


def split_and_retyped(content: Content) -> None:
    """The answer split in two, which copies its metadata, and the open question made a code cell."""
    first = _answer(content)
    lines = "".join(first["source"]).splitlines(keepends=True)
    middle = next(number for number, line in enumerate(lines) if line.startswith("client."))
    second = {**deepcopy(first), "id": "split-off", "source": "".join(lines[middle:])}
    first["source"] = "".join(lines[:middle])
    content["cells"].insert(content["cells"].index(first) + 1, second)
    words = _cell(content, "service-in-words")
    words.update(cell_type="code", source="# It may hang.", outputs=[], execution_count=None)


def two_cpus(content: Content) -> None:
    """A limit of two processors, which every laptop has and a machine may not."""
    answer = _answer(content)
    answer["source"] = "".join(answer["source"]).replace("detach=True", "detach=True, nano_cpus=2_000_000_000", 1)
    assert "nano_cpus" in answer["source"]


def large_output(content: Content) -> None:
    """Five megabytes of output, which grading doesn't need."""
    _code(content)[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (5 << 20)}]


def colour_without_a_number(content: Content) -> None:
    """An output with a sequence for colours that nbconvert can't read."""
    _code(content)[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "\x1b[38mred"}]


def brackets(content: Content) -> None:
    """Prose that takes a Markdown parser a time that grows with the square of its length."""
    content["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "[" * (1 << 20)})


def odd(change: Callable[[Content], None], name: str = "perfect") -> bytes:
    """Return the notebook of a test submission, changed."""
    content = json.loads(notebook_named(name))
    change(content)
    return json.dumps(content).encode()


def _code(content: Content) -> list[Cell]:
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def _cell(content: Content, grade_id: str) -> Cell:
    return next(cell for cell in content["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def _answer(content: Content) -> Cell:
    cell = _cell(content, "start-the-service")
    cell["source"] = "".join(cell["source"])
    return cell
