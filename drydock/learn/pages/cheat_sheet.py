"""The cheat sheet: the tables of commands at the end of all lessons, on one page."""

from __future__ import annotations

from collections.abc import Sequence

from drydock.learn.pages.lesson_notebook import Lesson

NAME = "cheat-sheet.md"
_OPENING = """\
# Cheat sheet

The commands of all lessons in their order, on the command line and with docker-py. Each heading leads to its lesson.
"""


def text(lessons: Sequence[Lesson]) -> str:
    """Return the page as Markdown."""
    parts = [f"## [{lesson.number} {lesson.title}]({lesson}.ipynb)\n\n{table(lesson)}\n" for lesson in lessons]
    return "\n".join([_OPENING, *parts])


def table(lesson: Lesson) -> str:
    """Return the lines of the table in a lesson's section "Cheat sheet"."""
    cells = [cell for heading, cells in lesson.sections if heading.heading == "Cheat sheet" for cell in cells]
    return "\n".join(line for cell in cells for line in cell.lines if line.startswith("|"))
