"""Lessons with the outputs of a real run, cached until a file changes that they depend on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from drydock import course_files, images, lab
from drydock.core import environment
from drydock.core.files import replacing
from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.machine import Machine
from drydock.machine.store import artifact_cache

#: Longer than any cell takes, also on a busy computer; seconds.
_CELL_TIMEOUT = 150
_PACKAGE = Path(lab.__file__).parent
# nbformat's functions have no type annotations.
_nbformat: Any = nbformat


def executed(lessons: Sequence[Path]) -> dict[Path, NotebookNode]:
    """Return each lesson with its outputs, from the cache or from a run on a machine that is booted for all of them."""
    cached = {lesson: _cache_file(lesson) for lesson in lessons}
    missing = [lesson for lesson in lessons if not cached[lesson].is_file()]
    with ExitStack() as stack:
        variables = stack.enter_context(_kernel_environment()) if missing else {}
        for lesson in missing:
            with step(f"Running {lesson.stem}"):
                notebook = execute(lesson, variables)
            _save(cached[lesson], notebook)
    return {lesson: _nbformat.read(file, 4) for lesson, file in cached.items()}


def execute(lesson: Path, variables: dict[str, str]) -> NotebookNode:
    """Run every cell of a lesson, in a kernel with these environment variables, and return it with its outputs.

    It runs in a copy of its course: a person may have files of the names that it replaces and removes.
    Raises nbclient's ``CellExecutionError`` for a cell that fails.
    """
    notebook: NotebookNode = _nbformat.read(lesson, 4)
    with tempfile.TemporaryDirectory(prefix="drydock-lessons-") as folder:
        course = Path(folder, lesson.parent.name)
        course_files.place(lesson.parent, course)
        client = NotebookClient(notebook, timeout=_CELL_TIMEOUT, resources={"metadata": {"path": str(course)}})
        client.execute(env=variables)
    return notebook


@contextmanager
def _kernel_environment() -> Iterator[dict[str, str]]:
    """Yield the environment of kernels that use the Docker daemon of a temporary machine."""
    with _data_folder(), Machine(publish=True) as machine:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
        yield inherited | lab.jupyter_environment(environment.variables(machine.endpoint))


@contextmanager
def _data_folder() -> Iterator[None]:
    """Use a temporary data folder in this process and its children, and remove the machines in it at the end.

    A person may be working on the same lesson, with machines of the same names in the usual data folder.
    """
    before = os.environ.get("XDG_DATA_HOME")
    with tempfile.TemporaryDirectory(prefix="drydock-lessons-") as folder:
        os.environ["XDG_DATA_HOME"] = folder
        try:
            yield
        finally:
            for machine in Machine.all():  # of a lesson that failed before it removed them
                machine.remove()
            del os.environ["XDG_DATA_HOME"]
            if before is not None:
                os.environ["XDG_DATA_HOME"] = before


def _cache_file(lesson: Path) -> Path:
    """Return the file of an executed lesson; its name has a hash of all files that the lesson's outputs depend on."""
    files = sorted(path for path in (lesson.parent / "files" / lesson.stem).rglob("*") if path.is_file())
    package = sorted(path for path in _PACKAGE.rglob("*.py") if "machine" not in path.parts)
    key = artifact_cache.key([images.key(), lesson, *files, *package])
    return cache_folder() / "lessons" / f"{lesson.stem}-{key}.ipynb"


def _save(file: Path, notebook: NotebookNode) -> None:
    """Save an executed lesson in the cache, and remove its older versions."""
    file.parent.mkdir(exist_ok=True)
    for older in file.parent.glob(f"{file.stem.rpartition('-')[0]}-*.ipynb"):
        older.unlink()
    with replacing(file) as temporary:
        _nbformat.write(notebook, temporary)
