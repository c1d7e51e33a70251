"""The source pages of the book besides the lessons: the first page, the table of the notes, the documentation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

from drydock.learn import start_page
from drydock.learn.start_page import LessonProgress
from scripts.lesson_reader import COURSE
from scripts.notes_ledger import Entry, read

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

## What the lecture notes say, and what is true today

Each statement of the notes was tried on a live daemon. The last column leads to the cell that proves it.

{table}
"""
_TOCTREE = "```{{toctree}}\n:maxdepth: 1\n:caption: {caption}\n{options}\n{pages}\n```\n"
#: Four columns on a wide screen; on a phone each row is a block.
_TABLE_STYLE = """\
<style>
.ledger table { table-layout: fixed; width: 100% }
.ledger th:nth-child(even) { width: 16% }
.ledger td { max-width: none; overflow-wrap: anywhere }
.ledger code { white-space: normal }
@media (max-width: 600px) {
  .ledger thead { display: none }
  .ledger tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--pst-color-border) }
  .ledger td { display: block; border: 0; padding: .1rem .5rem }
  .ledger td:nth-child(2) { font-weight: bold }
}
</style>
"""


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
    entries = [entry for entry in read().entries if entry.lesson in names]
    listed = [lesson for lesson in start_page.lessons(COURSE) if lesson.name in names]
    chapters = _LESSONS.format(
        count=len(names),
        how=how,
        lessons=lessons_table(listed),
        toctree=toctree("Lessons", [*map(_entry, listed), "course/glossary"], hidden=True),
        assignments=toctree("Assignments", assignments),
        table=notes_table(entries),
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


def notes_table(entries: Sequence[Entry]) -> str:
    """Return the statements of the notes as an HTML table; each row leads to the cell that proves it."""
    heads = "".join(f"<th>{head}</th>" for head in ("the notes say", "", "today", "shown in"))
    rows = "\n".join(_row(entry) for entry in entries)
    table = f'<table class="table">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    return f'{_TABLE_STYLE}<div class="ledger">{table}</div>\n'


def _row(entry: Entry) -> str:
    cells = [_with_code(entry.statement), entry.verdict, _with_code(entry.today)]
    proof = f'<a href="course/{entry.lesson}.html#{entry.proof}">{entry.lesson}</a>'
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in [*cells, proof])}</tr>"


def _with_code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
