"""The folder a person works in: lessons in ``course/``, the students' versions of the assignments in ``work/``."""

from __future__ import annotations

from pathlib import Path

from drydock import course_files, student_versions
from drydock.core import cli_errors, resources
from drydock.core.progress import print_line
from drydock.errors import DrydockError, NoLessons
from drydock.learn.course_folder import is_course

#: The folder that is made where nobody names one.
DEFAULT = Path("drydock-course")
#: The lessons in the folder, and the assignments; the lessons' page links from one to the other.
LESSONS, ASSIGNMENTS = "course", "work"


def set_up(named: Path | None, here: Path) -> Path:
    """Add the course to a folder, or bring it up to date there, and return the folder; each change is reported.

    The folder is the one ``named``, else the checkout or the course around ``here``, else a new one in ``here``.
    A checkout has its own lessons, so only the assignments are placed there.
    """
    folder = named or _around(here) or here / DEFAULT
    assignments, config = resources.folder("assignments"), resources.file("nbgrader_config.py")
    if is_checkout(folder):
        assignments, config = folder / "assignments", folder / "nbgrader_config.py"
    else:
        _place(resources.folder("course"), folder, LESSONS)
    try:
        versions = student_versions.student_versions(assignments, config)
    except (DrydockError, OSError) as error:  # also a cache that can't be written, or that has no home folder
        reason = cli_errors.explained(error) or error
        print_line(f"{reason}\nThe lessons are there all the same; the assignments are not.")
    else:
        _place(versions, folder, ASSIGNMENTS)
    return folder


def lessons_folder(named: Path | None, here: Path) -> Path:
    """Return the folder with the lessons of the course that a person works in; nothing is added to it.

    Raises :class:`~drydock.errors.NoLessons` where there is no course.
    """
    folder = named or _around(here) or here / DEFAULT
    # Without a name also the folder itself: a terminal of JupyterLab starts among the lessons.
    folders = [folder] if named else [folder, here]
    for place in (each for parent in folders for each in (parent / LESSONS, parent)):
        if is_course(place):
            return place
    raise NoLessons(folder)


def is_checkout(folder: Path) -> bool:
    """Return whether a folder is a copy of Drydock's repository, with the sources of lessons and assignments."""
    sources = ("nbgrader_config.py", "assignments", f"{LESSONS}/README.md")
    return all((folder / name).exists() for name in sources)


def _around(here: Path) -> Path | None:
    """Return the nearest folder, from here upwards, that is a checkout or has the course already."""
    folders = (here, *here.parents)
    return next((path for path in folders if is_checkout(path) or course_files.is_placed(path / LESSONS)), None)


def _place(source: Path, folder: Path, part: str) -> None:
    """Place a part of the course in the folder, and report each change.

    Notebooks come as they are released, without the version of Python: a newer Python changes nothing in the course.
    """
    placed = course_files.place(source, folder / part)
    if placed.added or placed.updated:
        print_line(f"{folder / part}: {len(placed.added)} files added, {len(placed.updated)} updated.")
    for path, newer in placed.beside.items():
        print_line(f"You have changed {folder / part / path}, so it stays as it is. The new version is {newer}.")
