"""Writes the pages that are made from the lessons into a course folder: ``python -m drydock.learn.pages.course_pages``.

``drydock lab`` and the build of a Binder image write them, since generated pages are not in the repository.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from drydock.core.files import write_atomically
from drydock.learn.pages import cheat_sheet, ledger, notes_page, term_index
from drydock.learn.pages.lesson_notebook import lessons


def pages(course: Path) -> dict[str, str]:
    """Return each page of a course as Markdown, by the name of its file."""
    listed = lessons(course)
    return {
        cheat_sheet.NAME: cheat_sheet.text(listed),
        notes_page.NAME: notes_page.text(ledger.read(course), listed),
        term_index.NAME: term_index.text(listed),
    }


def write(course: Path) -> bool:
    """Write the pages into a course folder; return False where there is no course, or its folder can't be written."""
    with suppress(OSError):
        for name, text in pages(course).items():
            write_atomically(course / name, text)
        return True
    return False


if __name__ == "__main__":
    write(Path(*sys.argv[1:]))
