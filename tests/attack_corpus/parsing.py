"""Parsing: notebooks that programs read in more than one way, slowly, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from autograder.verdict import State
from tests.attack_corpus.attack import ANYHOW, Attack

#: The state of a notebook that some readers refuse and others repair.
_EITHER: tuple[State, ...] = ("graded", "unreadable")
_BRACKETS = "[" * 1_000_000
_SCRIPT = "javascript:window.drydock_attack=1"
#: TeX that leads to a script, and the ways to write a backslash or a letter of it otherwise.
MATHEMATICS = rf"""$\href{{{_SCRIPT}}}{{x}}$ $$\mmlToken{{mi}}[href="{_SCRIPT}"]{{x}}$$
$ \&#104;ref{{{_SCRIPT}}}{{x}} $ $ &#92;href{{{_SCRIPT}}}{{x}} $ $ &bsol;href{{{_SCRIPT}}}{{x}} $
\\(\\href{{{_SCRIPT}}}{{x}}\\) \begin{{equation}}\require{{html}}\class{{x}}{{y}}\cssId{{x}}{{y}}\end{{equation}}
"""
ENTITIES = f"""&lt;script&gt;window.drydock_attack=1&lt;/script&gt; &#60;img src=x onerror=window.drydock_attack=1&#62;
[x](&#106;avascript:window.drydock_attack=1) [x](java&Tab;script:1) [x][y]

[y]: <{_SCRIPT}>
"""


Notebook: TypeAlias = "dict[str, Any]"
Change: TypeAlias = "Callable[[Notebook], None]"


def edited(*changes: Change) -> Callable[[bytes], bytes]:
    """Return a change of the notebook's bytes: nbformat would repair what these change, so they change plain JSON."""

    def rewrite(data: bytes) -> bytes:
        notebook = json.loads(data)
        for change in changes:
            change(notebook)
        return json.dumps(notebook).encode()

    return rewrite


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    """Return a change of the notebook's bytes, at the first place where ``old`` is."""
    return lambda data: data.replace(old.encode(), new.encode(), 1)


def prose(*sources: str, **more: Any) -> Change:
    """Add Markdown cells, with further fields."""

    def change(notebook: Notebook) -> None:
        for number, source in enumerate(sources):
            cell = {"cell_type": "markdown", "id": f"prose-{number}", "source": source, "metadata": {}, **more}
            notebook["cells"].append(cell)

    return change


def metadata(value: Any) -> Change:
    """Put a value into the metadata of the notebook and of each cell."""

    def change(notebook: Notebook) -> None:
        for part in (notebook, *notebook["cells"]):
            part["metadata"].update(value)

    return change


def nested(levels: int) -> dict[str, Any]:
    """Return objects within objects."""
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def points(value: float) -> Change:
    """Make each graded cell worth a number that is none."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["nbgrader"]["points"] = value

    return change


def same_ids(notebook: Notebook) -> None:
    """Give every cell the id of a property that objects of JavaScript have."""
    for cell in notebook["cells"]:
        cell["id"] = "__proto__"


def many_cells(notebook: Notebook) -> None:
    """Put twenty thousand cells before the answer."""
    cell: Notebook = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"][:0] = [cell] * 20_000


def empty_cells(notebook: Notebook) -> None:
    """Put a million empty cells before the answer: 4 MB of text, and gigabytes of objects."""
    cell: Notebook = {}
    notebook["cells"][:0] = [cell] * 1_000_000


#: What stands for the data of an output.
ODD_DATA: tuple[Any, ...] = (7, [], {"image/png": ["\ud800", 3]})


def odd_outputs(notebook: Notebook) -> None:
    """Give outputs values of kinds that they never have."""
    odd: list[Any] = [
        7,
        None,
        {"output_type": "stream", "name": None, "text": {"a": 1}},
        {"output_type": "error", "traceback": 3},
    ]
    odd += [{"output_type": "display_data", "data": data} for data in ODD_DATA]
    for cell in notebook["cells"]:
        cell["outputs"] = odd


ATTACKS = {
    "brackets": Attack(
        "Has a cell of a million opening brackets, for which a Markdown parser needs quadratic time.",
        rewrite=edited(prose(_BRACKETS)), layer="a child process with a deadline",
    ),
    "colour-without-a-number": Attack(
        "Prints a colour that names none, on which nbconvert fails.", 'print("\\x1b[38m hello \\x1b[48;m \\x1b[38;5m")',
        "harmless outputs",
    ),
    "huge-integer": Attack(
        "Writes a number of 5,000 digits, which Python refuses to convert.",
        rewrite=replaced('"nbformat": 4', '"nbformat": ' + "9" * 5000), layer="reading", states=_EITHER,
    ),
    "no-number": Attack(
        "Makes cells worth a number of points that is no number.", rewrite=edited(points(float("nan"))),
    ),
    "infinity": Attack("Writes numbers that become infinite.", layer="reading", states=_EITHER,
        rewrite=replaced('"nbformat_minor": 5', '"nbformat_minor": 1e999, "worksheets": -Infinity'),
    ),
    "cells-twice": Attack(
        "Has two lists of cells, of which each program may take the other one.", layer="reading", states=_EITHER,
        rewrite=replaced('"cells": [', '"cells": [], "cells": ['),
    ),
    "half-characters": Attack(
        "Prints, raises and names halves of surrogate pairs.", layer="reading", states=ANYHOW,
        code="print('\\ud800')\nprint(repr('\\udfff'))\nfrom IPython.display import display\n"
        "display({'text/plain': '\\ud800', '\\udfff': 'x'}, raw=True)\nraise ValueError('\\udfff')",
        rewrite=replaced('"metadata": {', '"\\ud800": "\\udfff", "metadata": {'),
    ),
    "deep-metadata": Attack(
        "Nests metadata so deeply that JSON can be read, and nothing be done with it.",
        rewrite=replaced('"metadata": {', '"metadata": {"more": ' + '{"a":' * 700 + "1" + "}" * 700 + '}, "unused": {'),
        layer="reading", states=_EITHER,
    ),
    "deep-metadata-of-the-notebook": Attack(
        "The same in the notebook's own metadata.", layer="reading", states=_EITHER,
        rewrite=lambda data: data.rstrip().removesuffix(b"}")
        + b', "metadata": ' + b'{"a":' * 700 + b"1" + b"}" * 700 + b"}",
    ),
    "many-cells": Attack("Has 20,000 cells.", rewrite=edited(many_cells), layer="time limit", states=ANYHOW),
    "empty-cells": Attack(
        "Has a million cells with nothing in them, which fill the grader's memory.", rewrite=edited(empty_cells),
        layer="reading", states=("unreadable",),
    ),
    "same-ids": Attack("Gives each cell the id `__proto__`.", rewrite=edited(same_ids), layer="reading"),
    "attachments": Attack(
        "Attaches a picture with scripts to a cell, and shows it.", layer="harmless outputs",
        rewrite=edited(
            prose("![x](attachment:x.svg)", attachments={"x.svg": {"image/svg+xml": "<svg onload='1'/>"}})
        ),
    ),
    "widgets": Attack(
        "Brings the state of widgets, which a page would draw.", layer="harmless outputs",
        rewrite=edited(
            metadata({"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": "<script>"}}}})
        ),
    ),
    "mathematics": Attack(
        "Writes links to scripts in TeX, which MathJax would make in the page.", rewrite=edited(prose(MATHEMATICS)),
        layer="harmless outputs",
    ),
    "entities": Attack(
        "Writes scripts as entities, for a page that decodes them twice.", rewrite=edited(prose(ENTITIES)),
        layer="harmless outputs",
    ),
    "odd-outputs": Attack(
        "Submits outputs of kinds that there are none of.", rewrite=edited(odd_outputs), layer="reading",
    ),
    "everything": Attack(
        "Combines five: brackets, entities, mathematics, deep metadata and numbers that are none.",
        rewrite=edited(metadata(nested(200)), points(float("nan")), prose(_BRACKETS, ENTITIES, MATHEMATICS)),
        layer="a child process with a deadline", states=_EITHER, combined=True,
    ),
}  # fmt: skip
