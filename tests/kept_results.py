"""Passed tests that are pure in their inputs, kept by the content of these.

A lesson on a machine, or a submission that is graded, takes a minute or two, and passes again while no file changes
that it depends on. Such a test is skipped, with the day on which it passed. ``DRYDOCK_RUN_AGAIN=1`` runs it all the
same, as ``make test-all`` does.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import autograder
import drydock
from drydock.core.paths import cache_folder
from drydock.machine.artifacts import kernel_source
from drydock.machine.store import artifact_cache
from scripts.lesson_reader import COURSE

ROOT = COURSE.parent
#: What everything depends on: both packages with their data, the course's modules, and the versions of libraries.
_ALWAYS = [Path(drydock.__file__).parent, Path(autograder.__file__).parent, ROOT / "locks", ROOT / "tests" / "fixtures"]
RUN_AGAIN = "DRYDOCK_RUN_AGAIN"


@contextmanager
def kept(name: str, inputs: Sequence[Path], *versions: str) -> Iterator[None]:
    """Skip the test that passed before with the same files and versions; keep that it passes now.

    ``inputs`` are files, and folders with all in them, beside the files that everything depends on.
    """
    key = artifact_cache.key([platform.python_version(), kernel_source.default(), *versions, *_parts(inputs)])
    file = cache_folder() / "tests" / f"{name}-{key}"
    if file.is_file() and not os.environ.get(RUN_AGAIN):
        pytest.skip(f"passed with the same contents on {file.read_text()} ({RUN_AGAIN}=1 runs it again)")
    yield
    file.parent.mkdir(exist_ok=True)
    for older in file.parent.glob(f"{name}-{'?' * 16}"):
        older.unlink()
    file.write_text(time.strftime("%Y-%m-%d"))


def _parts(inputs: Sequence[Path]) -> Iterator[str | Path]:
    """Yield each file's path and the file."""
    for place in [*_ALWAYS, *inputs]:
        for path in sorted([place] if place.is_file() else place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield str(path.relative_to(ROOT))
                yield path
