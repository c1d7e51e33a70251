"""Takes what lies in a student's folder as a person would: finds the notebook, and says why when there is none.

Nothing here parses or follows anything of a student's: a link, a pipe or a folder in the place of the notebook is that
student's problem, and the class goes on.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from autograder.submission import Submission, files_beside
from drydock.submit import RAW_LIMIT

#: What browsers, file managers and JupyterLab add to the name of a copy.
_COPY = re.compile(r"(?:[ _-]*(?:copy|kopie|copie)\s*\d*|\s*\(\d+\)|[ _-]\d+)+$", re.IGNORECASE)
#: What archive programs and editors leave beside the work.
LITTER = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git", ".DS_Store"}


def submission_in(folder: Path, student: str, assignment: str) -> Submission:
    """Return what a student submitted in a folder; with a ``problem`` where there is no notebook to grade."""
    if folder.is_symlink():
        return Submission(student, assignment, b"", {}, "the folder is a link")
    try:
        root = _work_folder(folder, assignment)
        notebooks = _notebooks(root)
        chosen = _chosen(notebooks, assignment)
        if isinstance(chosen, str):
            return Submission(student, assignment, b"", {}, chosen)
        return Submission(student, assignment, _read(chosen), files_beside(root))
    except OSError as error:
        reason = f"the folder can't be read: {error.strerror or error}"
        return Submission(student, assignment, b"", {}, reason)


def remove_outer_folder(folder: Path, assignment: str) -> None:
    """Move the work out of the one folder around it, where there is one: nbgrader's own commands look no deeper."""
    root = _work_folder(folder, assignment)
    if root != folder:
        for path in list(root.iterdir()):
            if not os.path.lexists(folder / path.name):
                path.rename(folder / path.name)


def renamed_notebook(folder: Path, assignment: str) -> str:
    """Return the name of the notebook that stands for ``<assignment>.ipynb``; empty when that one is there."""
    try:
        root = _work_folder(folder, assignment)
        chosen = _chosen(_notebooks(root), assignment)
    except OSError:
        return ""
    expected = folder / f"{assignment}.ipynb"
    return "" if isinstance(chosen, str) or chosen == expected else chosen.relative_to(folder).as_posix()


def _work_folder(folder: Path, assignment: str) -> Path:
    """Return the folder of the work: this one, or the only folder in it where it holds no notebook itself."""
    if _notebooks(folder):
        return folder
    inner = [path for path in folder.iterdir() if path.name not in LITTER and path.is_dir() and not path.is_symlink()]
    named = [path for path in inner if path.name == assignment] or inner
    return named[0] if len(named) == 1 and _notebooks(named[0]) else folder


def _notebooks(folder: Path) -> list[Path]:
    """Return everything in a folder that is called a notebook, whatever it is."""
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() == ".ipynb" and not path.name.startswith(".")
    )


def candidates_for(names: Sequence[str], assignment: str) -> list[str]:
    """Return the names of notebooks that may be the assignment's: the exact one, else its copies, else all."""
    exact = [name for name in names if name == f"{assignment}.ipynb"]
    copies = [name for name in names if _COPY.sub("", Path(name).stem).lower() == assignment.lower()]
    return exact or copies or list(names)


def _chosen(notebooks: list[Path], assignment: str) -> Path | str:
    """Return the notebook to grade, or why none can be chosen."""
    names = candidates_for([path.name for path in notebooks], assignment)
    candidates = [path for path in notebooks if path.name in names]
    if not candidates:
        return f"there is no notebook in the folder; it should be called {assignment}.ipynb"
    if len(candidates) > 1:
        listed = ", ".join(path.name[:60] for path in candidates[:5])
        return f"there are several notebooks and none is called {assignment}.ipynb: {listed}"
    mode = candidates[0].lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
        return f"{candidates[0].name[:60]} is {kind}"
    return candidates[0]


def _read(file: Path) -> bytes:
    """Return a file's bytes, one more than is allowed at most; a link that took its place is refused."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(RAW_LIMIT + 1)
