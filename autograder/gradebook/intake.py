"""Takes what lies in a student's folder as a person would: finds the notebook, and says why when there is none.

Nothing here parses a notebook or follows a link: a link, a pipe or a folder in the place of the notebook is that
student's problem, and the class goes on.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from autograder.gradebook.archive_process import read_archive
from autograder.gradebook.submitted_archive import DamagedArchive, is_archive
from autograder.submission import LITTER, NOTEBOOK_ENDING, Submission, files_below, files_beside, is_beside
from drydock.submit import RAW_LIMIT

#: What browsers, file managers and JupyterLab add to the name of a copy.
_COPY = re.compile(r"(?:[ _-]*(?:copy|kopie|copie)\s*\d*|\s*\(\d+\)|[ _-]\d+)+$", re.IGNORECASE)


class NoNotebook(Exception):
    """There is no notebook to grade, or it isn't clear which; the message gives the reason."""


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
    """Move the work out of the folders around it, where there are any."""
    root = _work_folder(folder, assignment)
    if root != folder:
        for path in list(root.iterdir()):
            if not os.path.lexists(folder / path.name):
                path.rename(folder / path.name)


def renamed_notebook(folder: Path, assignment: str) -> str:
    """Return the name, fit to be shown, of what stands for ``<assignment>.ipynb``; empty when that one is there."""
    try:
        root = _work_folder(folder, assignment)
        source = _only_archive(root) or root / chosen_name(_notebooks(root), assignment)
    except (OSError, NoNotebook):
        return ""
    return "" if source == folder / f"{assignment}.ipynb" else shown(source.relative_to(folder).as_posix())


def chosen_name(sizes: Mapping[str, int], assignment: str) -> str:
    """Return the name of the notebook to grade of these, given with their bytes; raises :class:`NoNotebook`.

    The exact name comes first, then a copy's, then one that has the assignment's in it. An empty file, as a full disk
    leaves one, comes last.
    """
    names = [name for name, size in sizes.items() if size] or list(sizes)
    candidates = _candidates(names, assignment)
    if not candidates:
        raise NoNotebook(f"there is no notebook in the folder; it should be called {assignment}.ipynb")
    if len(candidates) > 1:
        listed = ", ".join(map(shown, candidates[:5]))
        raise NoNotebook(f"there are several notebooks and none is called {assignment}.ipynb: {listed}")
    return candidates[0]


def shown(name: str) -> str:
    """Return the beginning of a student's file name, without characters that a terminal or UTF-8 can't show."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:60])


def _candidates(names: Sequence[str], assignment: str) -> list[str]:
    short_names = {name: NOTEBOOK_ENDING.sub("", name).lower() for name in names}
    exact = [name for name in names if name == f"{assignment}.ipynb"]
    copies = [name for name in names if _COPY.sub("", short_names[name]) == assignment.lower()]
    return exact or copies or [name for name in names if _is_called(name, assignment)] or list(names)


def _is_called(name: str, assignment: str) -> bool:
    """Return whether the assignment's name is a word of a notebook's."""
    word = re.compile(rf"(?<![a-z0-9]){re.escape(assignment.lower())}(?![a-z0-9])")
    return word.search(NOTEBOOK_ENDING.sub("", name).lower()) is not None


def _work(folder: Path, assignment: str) -> tuple[bytes, dict[str, bytes]]:
    """Return the notebook and the files beside it, also out of the only archive where there is no notebook."""
    root = _work_folder(folder, assignment)
    archive = _only_archive(root)
    if archive is not None:
        return _unpacked(archive, assignment)
    file = root / chosen_name(_notebooks(root), assignment)
    mode = file.lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
        raise NoNotebook(f"{shown(file.name)} is {kind}")
    return _read(file), files_beside(root)


def _work_folder(folder: Path, assignment: str) -> Path:
    """Return the folder of the work: this one, or one below it; see :func:`_folder_with_work`."""
    if _notebooks(folder):
        return folder
    return folder / _folder_with_work(
        (PurePosixPath(file.relative_to(folder)) for file in files_below(folder)), assignment
    )


def _folder_with_work(files: Iterable[PurePosixPath], assignment: str) -> PurePosixPath:
    """Return the folder that has the work, of a tree with these files; an empty path where that is the tree itself.

    It is the folder nearest to the top with a notebook called like the assignment, or with any where none is. Of
    several it is the one of the assignment's name; without such a folder, nobody knows which it is.
    """
    notebooks = [path for path in files if _is_notebook(path.name) and LITTER.isdisjoint(path.parts)]
    folders = {path.parent for path in notebooks if _is_called(path.name, assignment)}
    folders = folders or {path.parent for path in notebooks}
    nearest = [path for path in folders if len(path.parts) == min(len(other.parts) for other in folders)]
    named = [path for path in nearest if path.name == assignment] or nearest
    return named[0] if len(named) == 1 else PurePosixPath()


def _notebooks(folder: Path) -> dict[str, int]:
    """Return the size of everything in a folder that is called a notebook, whatever it is, by its name."""
    paths = [path for path in folder.iterdir() if _is_notebook(path.name)]
    return {path.name: path.lstat().st_size for path in sorted(paths)}


def _is_notebook(name: str) -> bool:
    return NOTEBOOK_ENDING.search(name) is not None and not name.startswith(".")


def _only_archive(folder: Path) -> Path | None:
    """Return the one archive in a folder without a notebook."""
    archives = [path for path in folder.iterdir() if is_archive(path.name) and path.is_file() and not path.is_symlink()]
    return archives[0] if len(archives) == 1 and not _notebooks(folder) else None


def _unpacked(archive: Path, assignment: str) -> tuple[bytes, dict[str, bytes]]:
    """Return the same as :func:`_work`, of what an archive holds."""
    try:
        files = {PurePosixPath(path): data for path, data in read_archive(archive).items()}
    except DamagedArchive as damage:
        raise NoNotebook(f"{shown(archive.name)}: {damage}") from None
    root = _folder_with_work(files, assignment)
    inside = {path.relative_to(root): data for path, data in files.items() if path.is_relative_to(root)}
    sizes = {path.name: len(data) for path, data in inside.items() if len(path.parts) == 1 and _is_notebook(path.name)}
    notebook = inside[PurePosixPath(chosen_name(sizes, assignment))]
    return notebook, {path.as_posix(): data for path, data in inside.items() if is_beside(path)}


def _read(file: Path) -> bytes:
    """Return a file's bytes, one more than is allowed at most; a link that took its place is refused."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(RAW_LIMIT + 1)
