"""The students' folders of one assignment, and what lies where grading does not look.

A path with ``*`` for the student describes them, as nbgrader's configuration does: ``submitted/*/service``. Nobody
moves a student's work here, since only a person can know whose it is and what it is for. One thing is certain: a folder
``Service`` in the place of ``service``. It is renamed, since nbgrader's own commands know the exact name only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.gradebook.submitted_archive import is_archive
from autograder.submission import NOTEBOOK_ENDING, shown

_MOST_NAMES = 3


def student_folders(pattern: Path) -> dict[str, Path]:
    """Return each student's folder, by student; the name of a student may be no text."""
    base, below = _split(pattern)
    folders = {entry.name: entry.joinpath(*below) for entry in _entries(base)}
    return {student: folder for student, folder in folders.items() if _is_folder(folder)}


def correct_case(pattern: Path) -> None:
    """Rename each folder that has the right name but for case, where it is the only one and the right one is missing.

    One that can't be renamed is :func:`misplaced`.
    """
    base, below = _split(pattern)
    for student in _entries(base):
        folder = student
        for name in below:
            alike = _alike(folder, name)
            if len(alike) == 1 and not _is_folder(folder / name):
                with suppress(OSError):
                    alike[0].rename(folder / name)
            folder /= name


def misplaced(pattern: Path) -> dict[str, str]:
    """Return what lies beside the students' folders, or in one without a folder of the assignment.

    Each has its name, fit to be shown, and what is wrong with it. A student who has submitted other assignments only is
    not among them.
    """
    base, below = _split(pattern)
    reasons = {shown(entry.name): _reason(entry, below) for entry in _entries(base) if not entry.name.startswith(".")}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(entry: Path, below: tuple[str, ...]) -> str:
    """Return what is wrong with an entry among the students' folders; empty if nothing is."""
    if not _is_folder(entry):
        could_be_work = entry.is_symlink() or is_archive(entry.name) or NOTEBOOK_ENDING.search(entry.name)
        return "is no folder of a student" if could_be_work else ""
    try:
        names = list(_strays(entry, below)) if below and not _is_folder(entry.joinpath(*below)) else []
    except OSError as error:
        return f"the student's folder can't be read: {error.strerror or error}"
    listed = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    return f"has no folder {'/'.join(below)}, and instead of it: {listed}" if names else ""


def _strays(student: Path, below: tuple[str, ...]) -> Iterator[str]:
    """Yield the names, fit to be shown, of files and links in a student's folder, and of folders called alike."""
    alike = {path.name for path in _alike(student, below[0])}
    for path in sorted(student.iterdir()):
        if not path.name.startswith(".") and (path.is_symlink() or not _is_folder(path) or path.name in alike):
            yield shown(path.name)


def _alike(folder: Path, name: str) -> list[Path]:
    """Return the folders, no links, that have this name but for case; none where the folder can't be read."""
    with suppress(OSError):
        return [
            path
            for path in sorted(folder.iterdir())
            if path.name.casefold() == name.casefold() and _is_folder(path) and not path.is_symlink()
        ]
    return []


def _split(pattern: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the part of a path before its first ``*``, and the names after it."""
    at = pattern.parts.index("*")
    return Path(*pattern.parts[:at]), pattern.parts[at + 1 :]


def _entries(base: Path) -> list[Path]:
    return sorted(base.iterdir()) if base.is_dir() else []


def _is_folder(path: Path) -> bool:
    """Return whether there is a folder; False where nobody can know, since the one around it can't be entered."""
    with suppress(OSError):
        return path.is_dir()
    return False
