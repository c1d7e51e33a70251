"""Finds the notebook to grade in a tree of files, by names and sizes only: the same rules for a folder and an archive.

The name of the assignment decides, then the way from the top. So a scratch notebook at the top hides nothing, and
neither do the lessons of a whole course that was packed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from autograder.submission import NOTEBOOK_ENDING, shown
from drydock.submit import is_litter

#: What browsers, file managers and JupyterLab add to the name of a copy.
_COPY = re.compile(r"(?:[ _-]*(?:copy|kopie|copie)\s*\d*|\s*\(\d+\)|[ _-]\d+)+$", re.IGNORECASE)
_MOST_NAMES = 5


class NoNotebook(Exception):
    """There is no notebook to grade, or it isn't clear which; the message gives the reason."""


def chosen_path(sizes: Mapping[PurePosixPath, int], assignment: str) -> PurePosixPath:
    """Return the notebook to grade in a tree of files, given with their bytes; raises :class:`NoNotebook`.

    First come notebooks that are called like the assignment, or like a copy of it; then notebooks with its name in
    theirs; then any. Of these the ones nearest to the top count, and of several folders the one of the assignment's
    name. An empty file, as a full disk leaves one, comes last.
    """
    notebooks = {path: size for path, size in sizes.items() if is_notebook(path.name) and not is_litter(path)}
    written = [path for path, size in notebooks.items() if size] or list(notebooks)
    called = [path for path in written if _is_exact(path.name, assignment) or _is_copy(path.name, assignment)]
    called = called or [path for path in written if _is_called(path.name, assignment)] or written
    if not called:
        raise NoNotebook(f"there is no notebook in the folder; it should be called {assignment}.ipynb")
    folder = _only_folder(called, assignment)
    beside = {path.name: size for path, size in notebooks.items() if path.parent == folder}
    return folder / _chosen_name(beside, assignment)


def is_notebook(name: str) -> bool:
    """Return whether a file is a notebook by its name."""
    return NOTEBOOK_ENDING.search(name) is not None and not name.startswith(".")


def _only_folder(notebooks: Sequence[PurePosixPath], assignment: str) -> PurePosixPath:
    """Return the folder of the notebooks that are nearest to the top."""
    depth = min(len(path.parts) for path in notebooks)
    nearest = {path.parent: path for path in notebooks if len(path.parts) == depth}
    named = {folder: path for folder, path in nearest.items() if folder.name == assignment} or nearest
    if len(named) > 1:
        listed = ", ".join(shown(path.as_posix()) for path in sorted(named.values())[:_MOST_NAMES])
        raise NoNotebook(f"it isn't clear which notebook is the work: {listed}")
    return next(iter(named))


def _chosen_name(sizes: Mapping[str, int], assignment: str) -> str:
    """Return the name of the notebook to grade in one folder: the exact one, a copy's, one that has the name in it."""
    names = [name for name, size in sizes.items() if size] or list(sizes)
    kinds: list[Callable[[str, str], bool]] = [_is_exact, _is_copy, _is_called]
    matches = ([name for name in names if fits(name, assignment)] for fits in kinds)
    candidates = next(filter(None, matches), names)
    if len(candidates) > 1:
        listed = ", ".join(map(shown, sorted(candidates)[:_MOST_NAMES]))
        raise NoNotebook(f"there are several notebooks and none is called {assignment}.ipynb: {listed}")
    return candidates[0]


def _is_exact(name: str, assignment: str) -> bool:
    return name == f"{assignment}.ipynb"


def _is_copy(name: str, assignment: str) -> bool:
    return _COPY.sub("", _lower_name(name)) == assignment.lower()


def _is_called(name: str, assignment: str) -> bool:
    """Return whether the assignment's name is a word of a notebook's."""
    return re.search(rf"(?<![a-z0-9]){re.escape(assignment.lower())}(?![a-z0-9])", _lower_name(name)) is not None


def _lower_name(name: str) -> str:
    return NOTEBOOK_ENDING.sub("", name).lower()
