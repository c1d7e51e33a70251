"""The students' versions of the course's assignments, made by ``autograder release`` and kept by content."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from drydock import course_files
from drydock.core import command, progress
from drydock.core.paths import cache_folder

_PREFIX = "student-versions-"


def student_versions(assignments: Path, config: Path) -> Path:
    """Return a folder with a folder for each assignment, as students get it; made when the cache has none.

    ``assignments`` holds a folder for each assignment, and ``config`` is the course's ``nbgrader_config.py``.

    Raises :class:`~drydock.errors.CommandFailed` when an assignment can't be released.
    """
    made = cache_folder() / f"{_PREFIX}{_key(assignments, config)}"
    if not made.is_dir():
        with (
            progress.step("Making the students' versions of the assignments"),
            tempfile.TemporaryDirectory(prefix=".releasing-", dir=cache_folder()) as scratch,
        ):
            _move(_release(assignments, config, Path(scratch)), made)
        for older in cache_folder().glob(f"{_PREFIX}*"):
            if older != made:
                shutil.rmtree(older, ignore_errors=True)
    return made


def _move(fresh: Path, made: Path) -> None:
    try:
        fresh.replace(made)
    except OSError:
        if not made.is_dir():  # another process has made the same meanwhile
            raise


def _release(assignments: Path, config: Path, course: Path) -> Path:
    """Release every assignment in a course folder made for it, where nbgrader may write; return nbgrader's folder."""
    shutil.copytree(assignments, course / "assignments")
    shutil.copy(config, course)
    names = sorted(path.parent.name for path in course.glob("assignments/*/*.ipynb"))
    # A child: a student's session does without nbgrader, and this package without the autograder's code.
    command.run([sys.executable, "-m", "autograder.cli", "--course", course, "release", *names], cwd=course)
    return course / "build" / "release"


def _key(assignments: Path, config: Path) -> str:
    """Return a hash of all that decides what a student's version is: the assignments, and the code that releases."""
    digest = hashlib.sha256(config.read_bytes())
    for folder in (assignments, *_autograder()):
        for path in course_files.files_of(folder):
            digest.update(path.encode() + b"\0" + (folder / path).read_bytes())
    return digest.hexdigest()[:16]


def _autograder() -> Iterator[Path]:
    """Yield the autograder's folder, which is looked up without importing it."""
    spec = find_spec("autograder")
    yield from map(Path, (spec and spec.submodule_search_locations) or ())
