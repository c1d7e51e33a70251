"""``drydock submit``: check a student's work and pack it into one zip, whose name the collect step reads.

The notebook's metadata (key ``drydock``) says what was released: the assignment, and the id and digest of each solution
cell. So the work can be checked wherever the notebook was copied to.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from drydock.core import notebook_json
from drydock.core.files import replacing
from drydock.errors import BadStudentName, InvalidSubmission, NotebookMissing, StudentNameMissing

#: The most that grading reads, in bytes: of the notebook with its outputs, of the text in its cells, and of all files
#: beside it together.
RAW_LIMIT = 64 << 20
NOTEBOOK_LIMIT = 4 << 20
FILES_LIMIT = 32 << 20
#: The most files that collecting takes.
MOST_FILES = 1000
#: The key of the notebook's metadata that says what was released.
METADATA_KEY = "drydock"
#: A regular expression for student ids of nbgrader that can be part of a file name.
STUDENT_PATTERN = r"(?!\.)[^\x00-\x1f\x7f/\\:*?\"<>|\ud800-\udfff]{1,64}"
#: The name of a zip without its suffix; autograder/gradebook/uploads.py parses it.
ZIP_NAME = "{assignment}_{student}_{time:%Y%m%dT%H%M%SZ}"
#: A regular expression for the time in a zip's name.
TIME_PATTERN = r"\d{8}T\d{6}Z"

_ZIP_FILE = re.compile(rf"\w+_{STUDENT_PATTERN}_{TIME_PATTERN}\.zip")
#: Files and folders that other programs create: archive programs, editors, Python, git.
LITTER = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git", ".DS_Store"}


@dataclass(frozen=True)
class SubmissionZip:
    """A written zip: the names of the files in it, and the ids of the solution cells that are still as released."""

    file: Path
    contents: tuple[str, ...]
    unchanged: tuple[str, ...]


def submit(assignment: str, *, where: Path, student: str | None = None, now: datetime | None = None) -> SubmissionZip:
    """Write the zip into the folder ``where``; raises :class:`InvalidSubmission` if the work can't be graded.

    ``assignment`` may be the name of its folder or notebook as a shell completes it: ``service/``, ``service.ipynb``.
    """
    assignment = assignment.rstrip("/\\").removesuffix(".ipynb")
    notebook = find_notebook(assignment, where)
    name = student_name(student)
    files = dict(files_beside(notebook.parent))
    problems, unchanged = validate(notebook, assignment, files)
    if problems:
        raise InvalidSubmission(notebook, problems)
    zip_name = ZIP_NAME.format(assignment=assignment, student=name, time=now or datetime.now(UTC))
    target = where / f"{zip_name}.zip"
    with replacing(target) as temporary:
        temporary.write_bytes(_zipped({notebook.name: notebook, **files}))
    return SubmissionZip(target, (notebook.name, *files), tuple(unchanged))


def _zipped(files: Mapping[str, Path]) -> bytes:
    """Return a zip of the files with their execute bits; a time before 1980 becomes the first that a zip can hold."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for member, path in files.items():
            archive.write(path, member)
    return buffer.getvalue()


def find_notebook(assignment: str, where: Path) -> Path:
    """Return the assignment's notebook in the folder, in its subfolder of that name, or in that of ``work/``."""
    folders = [where, where / assignment, where / "work" / assignment]
    paths = [folder / f"{assignment}.ipynb" for folder in folders]
    notebooks = [path for path in paths if path.is_file()]
    if not notebooks or not assignment.isidentifier():
        raise NotebookMissing(assignment, folders)
    return notebooks[0]


def student_name(option: str | None) -> str:
    """Return the student's name: the option, the JupyterHub user, or the answer to a question.

    Binder sets JUPYTERHUB_USER to a random name, so it does not count there.
    """
    hub_user = "" if "BINDER_SERVICE_HOST" in os.environ else os.environ.get("JUPYTERHUB_USER", "")
    name = option or hub_user or _ask_name()
    if not re.fullmatch(STUDENT_PATTERN, name):
        raise BadStudentName(name)
    return name


def _ask_name() -> str:
    if sys.stdin is None or not sys.stdin.isatty():  # None: it was closed before Python started
        raise StudentNameMissing()
    try:
        return input("Your name, as your course knows you: ").strip()
    except EOFError:  # Ctrl-D
        print(file=sys.stderr)
        raise StudentNameMissing() from None


def files_beside(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the work's files with their relative names: no notebooks, links, earlier zips or other programs' files."""
    for path in _walk(folder):
        relative = path.relative_to(folder)
        if path.suffix != ".ipynb" and not is_litter(relative) and not _ZIP_FILE.fullmatch(path.name):
            yield relative.as_posix(), path


def is_litter(path: PurePath) -> bool:
    """Return whether another program made a file, by its path in the work: collecting and grading leave it out, too."""
    return not LITTER.isdisjoint(path.parts) or path.name.startswith("._")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the ordinary files below a folder, in a fixed order, and the folders that can't be entered."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if os.access(path, os.R_OK | os.X_OK):
                yield from _walk(path)
            else:
                yield path
        elif entry.is_file(follow_symlinks=False):
            yield path


def validate(notebook: Path, assignment: str, files: Mapping[str, Path]) -> tuple[list[str], list[str]]:
    """Return the reasons why the work can't be graded, and the ids of the solution cells that are as released."""
    problems = [*_file_problems(files), *_size_problems(notebook, files)]
    try:
        cells, metadata = _read(notebook)
        released = dict(metadata.get(METADATA_KEY, {}))
        digests = dict(released.get("answers", {}))
        current = solution_cells(cells)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as error:
        return [*problems, f"{notebook.name} is not a valid notebook: {str(error)[:200]}"], []
    if released.get("assignment") != assignment:
        return [*problems, f"{notebook.name} is not the released notebook of the assignment {assignment}"], []
    if sum(len(cell["source"]) for cell in cells) > NOTEBOOK_LIMIT:
        problems.append(f"the cells of {notebook.name} have more than {NOTEBOOK_LIMIT >> 20} MB of text")
    problems += [f"the cell {cell} is missing, and it is one for an answer" for cell in digests if cell not in current]
    return problems, [cell for cell, released_digest in digests.items() if current.get(cell) == released_digest]


def _read(notebook: Path) -> tuple[Any, Any]:
    """Return a notebook's cells and metadata, as any editor writes them: what grading ignores is no error here."""
    content = notebook_json.parsed(notebook.read_bytes())
    cells = [cell for cell in notebook_json.cells_of(content) if isinstance(cell, dict)]
    read = [{"metadata": _object(cell.get("metadata")), "source": _text(cell.get("source"))} for cell in cells]
    return read, content.get("metadata") or {}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source or "")


def solution_cells(cells: Sequence[Any]) -> dict[str, str]:
    """Return the digests of the cells for answers by their nbgrader ids; a cell without an id is none of them."""
    marked = [(_object(cell["metadata"].get("nbgrader")), cell["source"]) for cell in cells]
    answers = [(metadata.get("grade_id"), source) for metadata, source in marked if metadata.get("solution")]
    return {name: digest(source) for name, source in answers if isinstance(name, str)}


def digest(source: str) -> str:
    """Return the first 12 digits of the SHA-256 hash of a cell's source."""
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()[:12]


def release_metadata(cells: Sequence[Any], assignment: str) -> dict[str, Any]:
    """Return what a released notebook has in its metadata under :data:`METADATA_KEY`, for :func:`validate`."""
    return {"assignment": assignment, "answers": solution_cells(cells)}


def _file_problems(files: Mapping[str, Path]) -> Iterator[str]:
    for name, path in files.items():
        shown = name.encode(errors="backslashreplace").decode()
        if shown != name:
            yield f"the name {shown} is not UTF-8: rename the file"
        elif not os.access(path, os.R_OK) or path.is_dir():
            yield f"{shown} can't be read: a container may own it; remove it, or make it readable"
    if len(files) > MOST_FILES:
        yield f"there are {len(files)} files beside it, and at most {MOST_FILES} are collected: remove what isn't yours"


def _size_problems(notebook: Path, files: Mapping[str, Path]) -> Iterator[str]:
    size = notebook.stat().st_size
    if size > RAW_LIMIT:
        yield f"{notebook.name} has {size >> 20} MB of at most {RAW_LIMIT >> 20}: clear the outputs of its cells"
    total = sum(path.stat().st_size for path in files.values() if path.is_file())
    if total > FILES_LIMIT:
        largest = max(files, key=lambda name: files[name].stat().st_size)
        yield f"the files beside it have {total >> 20} MB of at most {FILES_LIMIT >> 20}; the largest is {largest}"


def describe(result: SubmissionZip, folder: Path) -> str:
    """Return what a student reads about the zip; its path is relative to ``folder``."""
    name = result.file.relative_to(folder)
    lines = [f"{name} contains your work: {_list_names(result.contents)}."]
    lines += [f"Note: the cell {cell} has not changed since the release." for cell in result.unchanged]
    if result.unchanged:
        lines.append("If you have answered it, save the notebook, and run this command again.")
    lines.append("Download it (in JupyterLab's file browser: right-click, Download) and submit it as your course says.")
    return "\n".join(lines)


def _list_names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"
