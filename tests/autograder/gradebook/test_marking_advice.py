"""The advice for a person who gives points by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.assignment import known
from autograder.execution import sanitize
from autograder.gradebook import feedback
from autograder.gradebook.marking_advice import add_advice, advice_in, remove_advice
from autograder.verdict import Verdict
from tests.autograder.conftest import ROOT

ANSWER = "### BEGIN SOLUTION\nIt may hang.\n\nOne point for <b>each</b>.\n### END SOLUTION\n"
TASK = "Draw it.\n\n### BEGIN MARK SCHEME\nTwo points.\n### END MARK SCHEME"


def cell(grade_id: str, source: str, kind: str = "markdown", **marks: Any) -> dict[str, Any]:
    """A cell of nbgrader's."""
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": {"grade_id": grade_id, **marks}}}


def notebook(*cells: dict[str, Any]) -> bytes:
    """A notebook of these cells."""
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


SOURCE = notebook(
    cell("words", ANSWER, grade=True, solution=True),
    cell("code", "x = 1\n### BEGIN SOLUTION\nx = 2\n### END SOLUTION", "code", grade=True, solution=True),
    cell("drawing", TASK, task=True),
    cell("answer", ANSWER, solution=True),
    cell("free", "Write what you like.", grade=True, solution=True),
)


def test_the_source_has_the_advice(tmp_path: Path) -> None:
    """Of answers and tasks that a person grades, and of no other; where there is no notebook there is none."""
    file = tmp_path / "source.ipynb"
    assert advice_in(file) == {}
    file.write_bytes(SOURCE)
    words = "It may hang.\n\nOne point for <b>each</b>."
    assert advice_in(file) == {"words": words, "code": "```python\nx = 2\n```", "drawing": "Two points."}


@pytest.mark.parametrize("name", known(ROOT / "assignments"))
def test_each_open_question_has_advice(name: str) -> None:
    """It says what a point is given for."""
    [text] = advice_in(ROOT / "assignments" / name / f"{name}.ipynb").values()
    assert "point" in text


def test_the_advice_stands_below_the_answer() -> None:
    """As a cell of its own, quoted and harmless; a student's cell that claims to be one is not removed with it."""
    forged = {
        **cell("words", "My answer"),
        "metadata": {"nbgrader": {"grade_id": "words"}, "drydock": {"marking_advice": True}},
    }
    verdict = Verdict("ada", "service", "graded", (), 1, notebook(forged).decode())
    shown = feedback.to_mark(verdict, advice={"words": "One point\n\nfor <b>each</b>."})
    assert [shown_cell.source for shown_cell in shown.cells] == [
        "My answer",
        "> **Marking advice** (students don't see it)\n> \n> One point\n> \n> for &lt;b>each&lt;/b>.",
    ]
    remove_advice(shown)
    assert [shown_cell.source for shown_cell in shown.cells] == ["My answer"]
    assert "Marking advice" not in feedback.rendered(verdict, advice={"words": "x"}).page


def test_advice_without_its_cell_is_not_shown() -> None:
    """The person reads that the cell is missing."""
    empty = sanitize.empty()
    add_advice(empty, {"words": "x"})
    assert empty.cells == []
