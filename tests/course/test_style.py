"""How a lesson reads: a sentence, two or three lines of code, a look. Measured, so that it stays so."""

from __future__ import annotations

import itertools

import pytest

from scripts.lesson_reader import LESSONS, Lesson

pytestmark = pytest.mark.parametrize("lesson", LESSONS, ids=str)

FRAME = ["## Key points", "## When it goes wrong", "## Exercises"]


def test_it_has_the_frame(lesson: Lesson) -> None:
    """It opens with what the reader will do and needs, and closes with points, wrong turns and exercises."""
    assert lesson.cells[0].source.startswith("# ")
    opening = [cell.source for cell in lesson.cells[: lesson.cells.index(lesson.code[0])]]
    assert any("**You will**" in source for source in opening)
    assert any("**You need**" in source for source in opening)
    headings = [line for line in lesson.text.splitlines() if line.startswith("## ")]
    assert headings[-len(FRAME) :] == FRAME


def test_the_first_cell_asks_for_a_docker(lesson: Lesson) -> None:
    """The first code looks for the ground the rest stands on."""
    assert lesson.code[0].source == "import drydock\n\ndrydock.start()"


def test_its_length(lesson: Lesson) -> None:
    """It's read and played in 20 to 40 minutes."""
    assert 1000 <= sum(cell.words for cell in lesson.prose) <= 2500


def test_prose_comes_in_sips(lesson: Lesson) -> None:
    """No cell of prose has more than 60 words."""
    assert {cell.name: cell.words for cell in lesson.prose if cell.words > 60} == {}


def test_code_comes_in_bites(lesson: Lesson) -> None:
    """No cell of code has more than 15 lines, and nine in ten have at most eight."""
    lengths = [len(cell.lines) for cell in lesson.code]
    assert max(lengths) <= 15
    assert sum(length <= 8 for length in lengths) >= 0.9 * len(lengths)


def test_code_is_introduced(lesson: Lesson) -> None:
    """Four code cells in five follow prose, and never do more than three stand in a row."""
    pairs = list(itertools.pairwise(lesson.cells))
    introduced = [not before.is_code for before, cell in pairs if cell.is_code]
    assert sum(introduced) >= 0.8 * len(introduced)
    rows = [
        len(list(cells)) for is_code, cells in itertools.groupby(lesson.cells, lambda cell: cell.is_code) if is_code
    ]
    assert max(rows) <= 3


def test_lines_fit(lesson: Lesson) -> None:
    """No line is wider than 88 characters."""
    assert [line for cell in lesson.cells for line in cell.lines if len(line) > 88] == []


def test_one_idea_a_heading(lesson: Lesson) -> None:
    """A heading stands at the head of its cell, one a cell, and none is deeper than the second level."""
    for cell in lesson.prose:
        headings = [place for place, line in enumerate(cell.lines) if line.startswith("#")]
        assert headings in ([], [0]), cell.name
        assert not cell.source.startswith("###"), cell.name


def test_claims_are_asserted(lesson: Lesson) -> None:
    """What the text claims, the code asserts; and failing is taught on purpose."""
    assert sum("assert " in cell.source for cell in lesson.code) >= 5
    assert any(cell.source.startswith("%%expect ") for cell in lesson.code)


def test_exercises_have_folded_solutions(lesson: Lesson) -> None:
    """Each exercise has a solution to unfold, with code that can be run."""
    exercises = [cell for cell in lesson.cells if cell.name.startswith("exercise-")]
    assert len(exercises) >= 2
    assert all("<details><summary>Solution</summary>" in cell.source for cell in exercises)
    assert len(lesson.solutions) >= len(exercises)
