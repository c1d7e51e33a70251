"""How a lesson reads: a sentence, two or three lines of code, a result. Measured over all lessons."""

from __future__ import annotations

import itertools

import pytest

from scripts.lesson_reader import LESSONS, Lesson

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=str)


@each_lesson
def test_its_length(lesson: Lesson) -> None:
    """It has 1,000 to 2,500 words: 20 to 40 minutes."""
    assert 1000 <= sum(cell.words for cell in lesson.prose) <= 2500


@each_lesson
def test_paragraphs_are_short(lesson: Lesson) -> None:
    """No cell of prose has more than 60 words, but for the cheat sheet, which is a table."""
    paragraphs = [cell for cell in lesson.prose if cell.name != "cheat-sheet"]
    assert {cell.name: cell.words for cell in paragraphs if cell.words > 60} == {}


@each_lesson
def test_cells_of_code_are_short(lesson: Lesson) -> None:
    """No cell of code has more than 15 lines, and nine in ten have at most eight."""
    lengths = [len(cell.lines) for cell in lesson.code]
    assert max(lengths) <= 15
    assert sum(length <= 8 for length in lengths) >= 0.9 * len(lengths)


@each_lesson
def test_code_is_introduced(lesson: Lesson) -> None:
    """Most code cells follow prose (an exercise's check follows its own cell), and never do four stand in a row."""
    pairs = [(before, cell) for before, cell in itertools.pairwise(lesson.cells) if cell.is_code]
    introduced = [not before.is_code for before, cell in pairs if not cell.name.startswith("check-")]
    assert sum(introduced) >= 0.8 * len(introduced)
    rows = [
        len(list(cells)) for is_code, cells in itertools.groupby(lesson.cells, lambda cell: cell.is_code) if is_code
    ]
    assert max(rows) <= 3


@each_lesson
def test_lines_fit(lesson: Lesson) -> None:
    """No line is wider than 88 characters, but for a figure or a table."""
    lines = [line for cell in lesson.cells for line in cell.lines if not line.startswith(("![", "|", "["))]
    assert [line for line in lines if len(line) > 88] == []


@each_lesson
def test_one_idea_a_heading(lesson: Lesson) -> None:
    """A heading stands at the head of its cell, one a cell, and none is deeper than the second level."""
    for cell in lesson.prose:
        headings = [place for place, line in enumerate(cell.lines) if line.startswith("#")]
        assert headings in ([], [0]), cell.name
        assert not cell.source.startswith("###"), cell.name


@each_lesson
def test_claims_are_asserted(lesson: Lesson) -> None:
    """What the text claims, the code asserts; and a failure is shown on purpose."""
    assert sum("assert " in cell.source for cell in lesson.code) >= 5
    assert any(cell.source.startswith("%%expect ") for cell in lesson.code)
