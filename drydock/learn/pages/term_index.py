"""The index: each term that a lesson sets in bold, with the section where it comes first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from drydock.learn.pages.lesson_notebook import Cell, Lesson

NAME = "term-index.md"
_OPENING = """\
# Index of terms

Each term leads to its entry in the glossary, and to the section of the lesson that introduces it.
"""


def first_places(lessons: Sequence[Lesson]) -> dict[str, tuple[Lesson, Cell]]:
    """Return the lesson and the heading of the section in which each bold term comes first, by the term."""
    places: dict[str, tuple[Lesson, Cell]] = {}
    known: set[str] = set()
    for lesson in lessons:
        for heading, cells in lesson.sections:
            for term in (term for cell in cells for term in cell.terms):
                if term.lower() not in known:
                    known.add(term.lower())
                    places[term] = (lesson, heading)
    return places


def text(lessons: Sequence[Lesson]) -> str:
    """Return the index as Markdown: a list for each letter."""
    places = first_places(lessons)
    parts = [_OPENING]
    for letter, terms in groupby(sorted(places, key=str.lower), lambda term: term[0].upper()):
        rows = [_row(term, *places[term]) for term in terms]
        parts.append("\n".join([f"## {letter}\n", *rows, ""]))
    return "\n".join(parts)


def _row(term: str, lesson: Lesson, heading: Cell) -> str:
    place = f"[{lesson.number} {lesson.title}]({lesson}.ipynb)"
    if heading.heading != lesson.title:
        place += f", [{heading.heading}]({lesson}.ipynb#cell-id={heading.name})"
    return f"- [{term}](glossary.md#{term.lower().replace(' ', '-')}) · {place}"
