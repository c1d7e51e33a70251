"""Lessons with the outputs of a real run: played on a machine, and kept while nothing changes that they stand on."""

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

from drydock import images, lab
from drydock.core import environment
from drydock.core.files import replacing
from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.machine import Machine
from drydock.machine.store import artifact_cache

#: Longer than any cell takes, also on a busy computer; seconds.
_LONGEST = 150
_PACKAGE = Path(lab.__file__).parent
# nbformat's functions carry no types.
_nbformat: Any = nbformat


def played(lessons: Sequence[Path]) -> dict[Path, NotebookNode]:
    """Each lesson with its outputs. One machine is booted for all that have to be played, and none for nothing."""
    kept = {lesson: _file(lesson) for lesson in lessons}
    missing = [lesson for lesson in lessons if not kept[lesson].is_file()]
    with ExitStack() as stack:
        variables = stack.enter_context(_ground()) if missing else {}
        for lesson in missing:
            with step(f"Playing {lesson.stem}"):
                notebook = play(lesson, variables)
            _keep(kept[lesson], notebook)
    return {lesson: _nbformat.read(file, 4) for lesson, file in kept.items()}


def play(lesson: Path, variables: dict[str, str]) -> NotebookNode:
    """Run every cell of a lesson from top to bottom; a cell that fails ends it."""
    notebook: NotebookNode = _nbformat.read(lesson, 4)
    client = NotebookClient(notebook, timeout=_LONGEST, resources={"metadata": {"path": str(lesson.parent)}})
    client.execute(env=variables)
    return notebook


@contextmanager
def _ground() -> Iterator[dict[str, str]]:
    """A machine's daemon, as the environment of kernels that stand on it.

    In a data folder of its own: a person may be at the same lesson, and has a machine of the same name.
    """
    with _data_folder(), Machine(publish=True) as machine:
        own = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
        yield own | lab.jupyter_environment(environment.variables(machine.endpoint))


@contextmanager
def _data_folder() -> Iterator[None]:
    """A fresh data folder, for this process and its children; what was begun in it ends with it."""
    before = os.environ.get("XDG_DATA_HOME")
    with tempfile.TemporaryDirectory(prefix="drydock-played-") as folder:
        os.environ["XDG_DATA_HOME"] = folder
        try:
            yield
        finally:
            for left in Machine.all():  # of a lesson that was broken off
                left.remove()
            del os.environ["XDG_DATA_HOME"]
            if before is not None:
                os.environ["XDG_DATA_HOME"] = before


def _file(lesson: Path) -> Path:
    """Where a played lesson is kept: by the content of all that it stands on."""
    beside = sorted(path for path in (lesson.parent / "files" / lesson.stem).rglob("*") if path.is_file())
    package = sorted(path for path in _PACKAGE.rglob("*.py") if "machine" not in path.parts)
    key = artifact_cache.key([images.key(), lesson, *beside, *package])
    return cache_folder() / "played" / f"{lesson.stem}-{key}.ipynb"


def _keep(file: Path, notebook: NotebookNode) -> None:
    file.parent.mkdir(exist_ok=True)
    for older in file.parent.glob(f"{file.stem.rpartition('-')[0]}-*.ipynb"):
        older.unlink()
    with replacing(file) as temporary:
        _nbformat.write(notebook, temporary)
