"""Where the lessons lie: the folder a notebook runs in, or the course that the package brings."""

from __future__ import annotations

from pathlib import Path

from drydock.core import resources


def is_course(folder: Path) -> bool:
    """Return whether a folder has the lessons with their exercises; a README.md alone may be any project's."""
    return (folder / "README.md").is_file() and (folder / "tasks").is_dir()


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
