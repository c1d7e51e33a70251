"""Where the lessons lie: the folder a notebook runs in, or the course that the package brings."""

from __future__ import annotations

from pathlib import Path

from drydock.core import resources


def course_folder(lesson: str, beside: Path | None = None) -> Path:
    """Return the course folder that holds a lesson's notebook.

    A kernel runs in its notebook's folder, so that folder (``beside``, the current one by default) comes first, then
    its ``course/``, then the package's own copy.
    """
    here = beside or Path.cwd()
    for folder in (here, here / "course"):
        if (folder / f"{lesson}.ipynb").is_file():
            return folder
    return resources.folder("course")
