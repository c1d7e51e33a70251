"""The source pages of the book besides the lessons: the first page and the documentation."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from drydock.learn import start_page
from drydock.learn.start_page import LessonProgress
from scripts.lesson_reader import COURSE

#: Pages of the repository's top folder that belong to the documentation.
_TOP_PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
_INDEX = """\
# Drydock

{lessons}
{documentation}
"""
_LESSONS = """\
A Docker course of {count} lessons. Each one was run on a real Docker daemon before its page was made: the outputs below
the cells are what the daemon returned. To run a lesson yourself, {how}.

{lessons}

{toctree}

{assignments}

## To look things up

- [Glossary](course/glossary.md): Docker's terms in plain words
- [Index of terms](course/term-index.md): where each of them is introduced
- [Cheat sheet](course/cheat-sheet.md): the commands of all lessons, to print
- [At home](course/at-home.md): Docker on your own computer, and what to read next
- [The lecture notes, line by line](course/notes.md): what they say, and what is true today

{pages}
"""
_TOCTREE = "```{{toctree}}\n:maxdepth: 1\n:caption: {caption}\n{options}\n{pages}\n```\n"
#: The pages beside the lessons, in the sidebar's order.
_LOOK_UP = ("glossary", "term-index", "cheat-sheet", "at-home", "notes")


def write_documentation(root: Path, source: Path) -> list[str]:
    """Copy the documentation to the folder ``source``; return the names of its pages."""
    pages = [*sorted(path.relative_to(root) for path in (root / "docs").glob("*.md")), *map(Path, _TOP_PAGES)]
    (source / "docs").mkdir()
    for page in pages:
        shutil.copy(root / page, source / page)
    return [page.with_suffix("").as_posix() for page in pages]


def write_index(
    source: Path,
    lessons: Sequence[Path],
    assignments: Sequence[str],
    documents: Sequence[str],
    reference: Sequence[str],
    *,
    launch_button: bool,
) -> None:
    """Write the first page, which leads to all others."""
    names = [lesson.stem for lesson in lessons]
    how = f"{'use the rocket at the top of its page, or ' if launch_button else ''}download its notebook"
    listed = [lesson for lesson in start_page.lessons(COURSE) if lesson.name in names]
    chapters = _LESSONS.format(
        count=len(names),
        how=how,
        lessons=lessons_table(listed),
        toctree=toctree("Lessons", list(map(_entry, listed)), hidden=True),
        assignments=toctree("Assignments", assignments),
        pages=toctree("To look things up", [f"course/{page}" for page in _LOOK_UP], hidden=True),
    )
    documentation = toctree("Documentation", documents) + "\n" + toctree("Python API", reference)
    (source / "index.md").write_text(_INDEX.format(lessons=chapters if names else "", documentation=documentation))


def toctree(caption: str, pages: Sequence[str], *, hidden: bool = False) -> str:
    """Return a table of contents in MyST's Markdown; a ``hidden`` one is in the sidebar only."""
    return _TOCTREE.format(caption=caption, options=":hidden:\n" if hidden else "", pages="\n".join(pages))


def lessons_table(lessons: Sequence[LessonProgress]) -> str:
    """Return a table of lessons with their numbers, titles and minutes in Markdown."""
    rows = [
        f"| {lesson.number} | [{lesson.title}](course/{lesson.name}.ipynb) | {lesson.minutes} |" for lesson in lessons
    ]
    return "\n".join(["| lesson | title | minutes |", "|---|---|--:|", *rows])


def _entry(lesson: LessonProgress) -> str:
    """Return a lesson as an entry of a table of contents."""
    return f"{lesson.number} {lesson.title} <course/{lesson.name}>"
