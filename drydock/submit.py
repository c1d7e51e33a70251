"""``drydock submit``: one zip of a student's work, looked over before it leaves, under a name that collecting reads.

What was released stands in the notebook's own metadata (``drydock``: the assignment, and of each cell for an answer its
id and a fingerprint), so the work can be looked over wherever it was copied to.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from drydock.errors import BadStudentName, InvalidSubmission, NotebookMissing, StudentNameMissing

#: What grading reads at most: of the notebook, and of all the files beside it together; bytes.
NOTEBOOK_LIMIT = 4 << 20
FILES_LIMIT = 32 << 20
#: Where the notebook's metadata tells what was released.
RELEASED = "drydock"
#: Whom nbgrader may know as a student, as part of a file's name.
STUDENT = r"[A-Za-z0-9][A-Za-z0-9.@_-]{0,63}"
#: A zip's name without its end, which autograder/collect.py reads.
NAME = "{assignment}_{student}_{time:%Y%m%dT%H%M%SZ}"

#: What the time looks like.
STAMP = r"\d{8}T\d{6}Z"
_OURS = re.compile(rf"\w+_{STUDENT}_{STAMP}\.zip")
_LEFT_BEHIND = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}
# nbformat's functions carry no types.
_nbformat: Any = nbformat


@dataclass(frozen=True)
class Zip:
    """What was made: the file, what is in it, and the cells for an answer that are as they were given."""

    file: Path
    contents: tuple[str, ...]
    untouched: tuple[str, ...]


def submit(assignment: str, *, where: Path, student: str | None = None, now: datetime | None = None) -> Zip:
    """Write the zip to the current folder; raise :class:`InvalidSubmission` for work that can't be graded."""
    notebook = find(assignment, where)
    who = student_named(student)
    files = dict(beside(notebook.parent))
    problems, untouched = look_over(notebook, assignment, files)
    if problems:
        raise InvalidSubmission(notebook, problems)
    name = NAME.format(assignment=assignment, student=who, time=now or datetime.now(UTC))
    target = where / f"{name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, path in {notebook.name: notebook, **files}.items():
            archive.write(path, inside)
    return Zip(target, (notebook.name, *files), tuple(untouched))


def find(assignment: str, where: Path) -> Path:
    """The assignment's notebook: here, in a folder of its name, or in that of ``work/``."""
    places = [where, where / assignment, where / "work" / assignment]
    found = [place / f"{assignment}.ipynb" for place in places if (place / f"{assignment}.ipynb").is_file()]
    if not found or not assignment.isidentifier():
        raise NotebookMissing(assignment, places)
    return found[0]


def student_named(given: str | None) -> str:
    """Who hands in: as given, or the name on a JupyterHub; on Binder that name is nobody's, so there we ask."""
    hub = "" if "BINDER_SERVICE_HOST" in os.environ else os.environ.get("JUPYTERHUB_USER", "")
    name = given or hub or _asked()
    if not re.fullmatch(STUDENT, name):
        raise BadStudentName(name)
    return name


def _asked() -> str:
    if not sys.stdin.isatty():
        raise StudentNameMissing()
    return input("Your name, as your course knows you: ").strip()


def beside(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of the work besides its notebooks: no links, no zip of an earlier time, nothing a program left."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        plain = path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
        if plain and _LEFT_BEHIND.isdisjoint(inside.parts) and not _OURS.fullmatch(path.name):
            yield inside.as_posix(), path


def look_over(notebook: Path, assignment: str, files: Mapping[str, Path]) -> tuple[list[str], list[str]]:
    """What keeps the work from being graded, and the cells for an answer that were left as they are."""
    problems = list(_too_large(notebook, files))
    try:
        content: Any = _nbformat.read(notebook, as_version=4)
        _nbformat.validate(content)
        released = dict(content.metadata.get(RELEASED, {}))
        given = dict(released.get("answers", {}))
    except Exception as error:  # nbformat lets through whatever stumbles over a file that is something else
        return [*problems, f"{notebook.name} is no notebook that can be read: {str(error)[:200]}"], []
    if released.get("assignment") != assignment:
        return [*problems, f"{notebook.name} is not the notebook that was given out for {assignment}"], []
    present = answers(content.cells)
    for cell in given:
        if cell not in present:
            problems.append(f"the cell {cell} is gone, and an answer belongs into it")
    return problems, [cell for cell, mark in given.items() if present.get(cell) == mark]


def answers(cells: Sequence[Any]) -> dict[str, str]:
    """The cells for an answer by nbgrader's id for them, each with the fingerprint of its text."""
    marked = [(cell["metadata"].get("nbgrader", {}), cell["source"]) for cell in cells]
    return {marks["grade_id"]: fingerprint(source) for marks, source in marked if marks.get("solution")}


def fingerprint(source: str) -> str:
    """Changes when the text does."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def _too_large(notebook: Path, files: Mapping[str, Path]) -> Iterator[str]:
    size = notebook.stat().st_size
    if size > NOTEBOOK_LIMIT:
        yield f"{notebook.name} has {size >> 20} MB of at most {NOTEBOOK_LIMIT >> 20}: clear the outputs of its cells"
    total = sum(path.stat().st_size for path in files.values())
    if total > FILES_LIMIT:
        largest = max(files, key=lambda name: files[name].stat().st_size)
        yield f"the files beside it have {total >> 20} MB of at most {FILES_LIMIT >> 20}; the largest is {largest}"


def tell(made: Zip, here: Path) -> str:
    """What a student reads when the zip is there."""
    name = made.file.relative_to(here)
    lines = [f"{name} holds your work: {_listed(made.contents)}."]
    lines += [f"Note: the cell {cell} is as it was given to you." for cell in made.untouched]
    lines.append(
        "Download it (in JupyterLab's file browser: right-click, Download), and hand it in as your course says."
    )
    return "\n".join(lines)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"


def told(cells: Sequence[Any], assignment: str) -> dict[str, Any]:
    """What a notebook that is given out says of itself in its metadata, for :func:`look_over` to find."""
    return {"assignment": assignment, "answers": answers(cells)}
