"""Cells, sections and terms of a lesson."""

from __future__ import annotations

import json
from pathlib import Path

from drydock.learn.pages.lesson_notebook import Cell, lessons

FOLDED = "<details><summary>From the notes</summary>\n\nA **hidden** word.\n</details>"


def test_terms_are_bold_words_of_the_text() -> None:
    """Labels, list items of the section on errors, folded parts and code have no terms; a term comes once."""
    text = "**You need** time.\n\nA **bind\nmount** and a **bind mount**, **Next:** this.\n- **Port taken** means\n"
    assert Cell("a", False, text + FOLDED).terms == ["bind mount"]
    assert Cell("a", True, "# a **term**").terms == []


def test_sections_begin_with_headings(tmp_path: Path) -> None:
    """A section has its heading's cell and the cells below; a lesson has a number, a title and its cells' proofs."""
    cells = [
        {"id": "title", "cell_type": "markdown", "metadata": {}, "source": ["# A title\n", "\n", "Text."]},
        {"id": "code", "cell_type": "code", "metadata": {"notes": ["run"]}, "source": ["# no heading"]},
        {"id": "second", "cell_type": "markdown", "metadata": {}, "source": ["## Two `words`"]},
    ]
    (tmp_path / "03_name.ipynb").write_text(json.dumps({"cells": cells}))
    [lesson] = lessons(tmp_path)
    assert (lesson.number, lesson.title) == ("03", "A title")
    names = [(heading.heading, [cell.name for cell in inside]) for heading, inside in lesson.sections]
    assert names == [("A title", ["title", "code"]), ("Two `words`", ["second"])]
    assert lesson.cells[1].proves == ("run",)


def test_a_lesson_that_a_student_saved_is_read(tmp_path: Path) -> None:
    """A cell above the title, cells without ids and no cells at all are no errors; a copy is no lesson."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": []},
        {"cell_type": "markdown", "metadata": {}, "source": ["# A title"]},
    ]
    (tmp_path / "03_name.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "99_mine.ipynb").write_text(json.dumps({"cells": []}))
    for copy in ("03_name-Copy1.ipynb", "03_name.new.ipynb"):
        (tmp_path / copy).write_text("{}")
    lesson, own = lessons(tmp_path)
    assert (lesson.title, [len(inside) for _, inside in lesson.sections]) == ("A title", [1])
    assert (own.title, own.sections) == ("99_mine", [])
