"""An assignment: its checks, its limits, and the files of its folder.

``checks.py`` lies beside the notebook and ends with ``assignment = Assignment([…])``. It is loaded by path, from the
course at hand and never from a submission. What it imports with ``from . import helper`` lies beside it, too.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType

from autograder.checks.api import Check
from autograder.checks.module_finder import FINDER
from autograder.errors import InvalidChecks, UnknownAssignment, UnknownCheck
from autograder.execution.kernel_container import DEFAULT, Limits
from autograder.submission import INSTRUCTOR_PAGE, digest, files_beside

_CHECKS = "checks.py"
#: The name is part of the ids of notebook cells, in which nbgrader allows nothing else.
_NAME = re.compile(r"[A-Za-z0-9_-]+")
#: The bytes that file systems allow for a name; and for a path, with room for the folder that it is written into.
_LONGEST_NAME, _LONGEST_PATH = 255, 2000
_loading = threading.RLock()


@dataclass(frozen=True)
class Assignment:
    """The checks in the order in which they run, and what grading a submission takes.

    ``limits`` are the notebook's, ``machines`` is how many machines a submission takes at once. The rest is set by
    :func:`load`: the folder's name, its ``files`` without notebooks and the instructor's page, by their relative path,
    and which of those are the ``modules`` of the checks.
    """

    checks: Sequence[Check]
    limits: Limits = DEFAULT
    machines: int = 1
    name: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    modules: frozenset[str] = frozenset()

    def check(self, check_id: str) -> Check:
        """Return the check with this id; raises :class:`~autograder.errors.UnknownCheck`."""
        for check in self.checks:
            if check.id == check_id:
                return check
        raise UnknownCheck(check_id, [check.id for check in self.checks])

    def files_for(self, submitted: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return what to put beside a submitted notebook that runs: as :meth:`graded_files`, without the checks.

        The modules of the checks are not among them: nothing there is read for a point.
        """
        return {path: data for path, data in self.graded_files(submitted).items() if path not in self.modules}

    def graded_files(self, submitted: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return what lies beside a graded notebook: the student's files, replaced by the released ones.

        A student's file that can't be written beside those and the notebook is left out.
        """
        return {**_writable(submitted, {*self.files, f"{self.name}.ipynb"}), **self.files}


def _writable(files: Mapping[str, bytes], given: Collection[str]) -> dict[str, bytes]:
    """Return the files that can be written into one folder with the ``given`` ones, which come first.

    A file can't lie in the place of a folder or below another file, and a file system limits the length of names.
    """
    folders = {folder.as_posix() for path in given for folder in PurePosixPath(path).parents}
    short = {path: data for path, data in files.items() if path not in folders and _is_short(path)}
    taken = {*short, *given}
    return {
        path: data
        for path, data in short.items()
        if taken.isdisjoint(folder.as_posix() for folder in PurePosixPath(path).parents)
    }


def _is_short(path: str) -> bool:
    names = path.encode(errors="surrogatepass").split(b"/")
    return max(map(len, names)) <= _LONGEST_NAME and sum(map(len, names)) <= _LONGEST_PATH


def known(course: Path) -> list[str]:
    """Return the names of the assignments in a folder: its folders with a notebook of their name and checks."""
    folders = [path.parent for path in course.glob(f"*/{_CHECKS}")]
    return sorted(folder.name for folder in folders if (folder / f"{folder.name}.ipynb").is_file())


def load(folder: Path, name: str = "") -> Assignment:
    """Return the assignment in a folder, whose name it has unless it is given one.

    Raises :class:`~autograder.errors.UnknownAssignment` where there are no checks, and
    :class:`~autograder.errors.InvalidChecks` where they can't be loaded.
    """
    name = name or folder.name
    if not _NAME.fullmatch(name) or not (folder / _CHECKS).is_file():
        raise UnknownAssignment(name, known(folder.parent))
    files = {path: data for path, data in files_beside(folder).items() if path != INSTRUCTOR_PAGE}
    return from_files(name, files)


def from_files(name: str, files: Mapping[str, bytes]) -> Assignment:
    """Return the assignment that consists of these files: as :func:`load`, for a folder of another computer."""
    sources = tuple((path, data) for path, data in sorted(files.items()) if path.endswith(".py") and "/" not in path)
    with _loading:
        loaded = _imported(name, sources)
    return replace(loaded, files=files)


@cache
def _imported(name: str, sources: tuple[tuple[str, bytes], ...]) -> Assignment:
    """Import the checks from their sources; the same sources are imported once."""
    version = digest([part for path, data in sources for part in (path.encode(), data)])
    package = f"assignments_{version[:16]}.{name}"
    FINDER.add(package, dict(sources))
    try:
        module = importlib.import_module(f"{package}.checks")
    except (Exception, SystemExit) as error:  # they are a program, and can raise anything
        raise InvalidChecks(name, _in_words(error)) from error
    modules = frozenset(path for path, _ in sources if f"{package}.{path.removesuffix('.py')}" in sys.modules)
    return replace(_value(name, module), name=name, modules=modules)


def _value(name: str, module: ModuleType) -> Assignment:
    assignment = getattr(module, "assignment", None)
    if not isinstance(assignment, Assignment):
        raise InvalidChecks(name, "it defines no `assignment`")
    earlier: list[Check] = []
    for check in assignment.checks:
        missing = [need.id for need in check.needs if need not in earlier]
        if missing:
            raise InvalidChecks(name, f"`{check.id}` needs `{missing[0]}`, which is not listed before it")
        earlier.append(check)
    return assignment


def _in_words(error: BaseException) -> str:
    """The error and the line of the checks that caused it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if FINDER.has(frame.filename)]
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
