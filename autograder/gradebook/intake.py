"""Takes what lies in a student's folder as a person would: finds the notebook, and says why when there is none.

Nothing here parses a notebook or follows a link: a link, a pipe or a folder in the place of the notebook is that
student's problem, and the class goes on.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from autograder.gradebook.archive_process import read_archive
from autograder.gradebook.archive_reader import DamagedArchive
from autograder.gradebook.notebook_finder import NoNotebook, chosen_path, is_notebook
from autograder.gradebook.submitted_archive import is_archive
from autograder.submission import Submission, files_below, files_beside, is_beside, shown
from drydock.submit import RAW_LIMIT, is_litter


def submission_in(folder: Path, student: str, assignment: str) -> Submission:
    """Return what a student submitted in a folder; with a ``problem`` where there is no notebook to grade."""
    try:
        if folder.is_symlink():
            raise NoNotebook("the folder is a link")
        return Submission(student, assignment, *_work(folder, assignment))
    except NoNotebook as error:
        problem = str(error)
    except OSError as error:
        problem = f"the folder can't be read: {error.strerror or error}"
    return Submission(student, assignment, b"", {}, problem)


def remove_outer_folder(folder: Path, assignment: str) -> None:
    """Move the work out of the folders around it, where there are any, as a whole.

    It stays where it is if something of its name lies outside: grading finds it there, too.
    """
    try:
        root = (folder / chosen_path(_notebooks(folder), assignment)).parent
    except NoNotebook:
        return
    outside = {path.name for path in folder.iterdir() if path != root}
    if root == folder or any(path.name in outside for path in root.iterdir()):
        return
    # A folder in the work may have the name of the one around it.
    aside = folder / f".{secrets.token_hex(8)}"
    root.rename(aside)
    for path in list(aside.iterdir()):
        path.rename(folder / path.name)
    aside.rmdir()


def renamed_notebook(folder: Path, assignment: str) -> str:
    """Return the name, fit to be shown, of what stands for ``<assignment>.ipynb``; empty when that one is there."""
    try:
        source = _source(folder, assignment)
    except (OSError, NoNotebook):
        return ""
    return "" if source == folder / f"{assignment}.ipynb" else shown(source.relative_to(folder).as_posix())


def _work(folder: Path, assignment: str) -> tuple[bytes, dict[str, bytes]]:
    """Return the notebook and the files beside it, also out of the only archive where there is no notebook."""
    file = _source(folder, assignment)
    if is_archive(file.name):
        return _unpacked(file, assignment)
    mode = file.lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
        raise NoNotebook(f"{shown(file.name)} is {kind}")
    return _read(file), files_beside(file.parent)


def _source(folder: Path, assignment: str) -> Path:
    """Return the notebook to grade, or the one archive that it may be in; raises :class:`NoNotebook`."""
    try:
        return folder / chosen_path(_notebooks(folder), assignment)
    except NoNotebook:
        archive = _only_archive(folder)
        if archive is None:
            raise
        return archive


def _notebooks(folder: Path) -> dict[PurePosixPath, int]:
    """Return the size of everything below a folder that is called a notebook; of folders the ones at the top only.

    A folder counts as an empty file: it comes after every notebook, but it is a reason where there is none.
    """
    sizes = {path: 0 for path in folder.iterdir() if is_notebook(path.name)}
    for path in files_below(folder):
        if is_notebook(path.name):
            with suppress(FileNotFoundError):
                sizes[path] = path.lstat().st_size
    return {PurePosixPath(path.relative_to(folder)): size for path, size in sorted(sizes.items())}


def _only_archive(folder: Path) -> Path | None:
    """Return the one archive in a folder without a notebook."""
    paths = [path for path in folder.iterdir() if not is_litter(path.relative_to(folder))]
    archives = [path for path in paths if is_archive(path.name) and path.is_file() and not path.is_symlink()]
    return archives[0] if len(archives) == 1 and not any(is_notebook(path.name) for path in paths) else None


def _unpacked(archive: Path, assignment: str) -> tuple[bytes, dict[str, bytes]]:
    """Return the same as :func:`_work`, of what an archive holds."""
    try:
        files = {PurePosixPath(path): data for path, data in read_archive(archive).files.items()}
    except DamagedArchive as damage:
        raise NoNotebook(f"{shown(archive.name)}: {damage}") from None
    notebook = chosen_path({path: len(data) for path, data in files.items()}, assignment)
    root = notebook.parent
    inside = {path.relative_to(root): data for path, data in files.items() if path.is_relative_to(root)}
    return files[notebook], {path.as_posix(): data for path, data in inside.items() if is_beside(path)}


def _read(file: Path) -> bytes:
    """Return a file's bytes, one more than is allowed at most; a link that took its place is refused."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(RAW_LIMIT + 1)
