"""Writes the pages that are made from the lessons into a course folder: ``python -m drydock.learn.pages.course_pages``.

``drydock lab`` and the build of a Binder image write them, since generated pages are not in the repository. They are
made from the lessons as the package has them, so that no change of a student's can matter.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from drydock.core import resources
from drydock.core.progress import print_line
from drydock.errors import DrydockError
from drydock.learn import page_file
from drydock.learn.course_folder import is_course
from drydock.learn.pages import cheat_sheet, ledger, notes_page, term_index
from drydock.learn.pages.lesson_notebook import lessons

#: What reading lessons raises that a person has changed: a checkout's lessons are the package's own.
_UNREADABLE = (DrydockError, OSError, ValueError, LookupError, TypeError, AttributeError)


def pages(course: Path) -> dict[str, str]:
    """Return each page of a course as Markdown, by the name of its file."""
    listed = lessons(course)
    return {
        cheat_sheet.NAME: cheat_sheet.text(listed),
        notes_page.NAME: notes_page.text(ledger.read(course), listed),
        term_index.NAME: term_index.text(listed),
    }


def write(course: Path) -> list[str]:
    """Write the pages into a course folder; return the names of the pages that a person has changed, which stay.

    Nothing is written where there is no course, or its folder can't be written.
    """
    if not is_course(course):
        return []
    try:
        made = pages(resources.folder("course"))
    except _UNREADABLE as error:
        print_line(
            f"{cheat_sheet.NAME}, {notes_page.NAME} and {term_index.NAME} stay as they are: a lesson can't be "
            f"read ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
        )
        return []
    with suppress(OSError):
        return [name for name, text in made.items() if not page_file.write(course / name, text)]
    return []


if __name__ == "__main__":
    write(Path(*sys.argv[1:]))
