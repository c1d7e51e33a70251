"""Fixtures of the autograder's tests: a course of their own, test submissions, and small servers that misbehave."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.assignment import Assignment, load
from autograder.gradebook.course import Course
from autograder.sandbox.machine_sandbox import MachineSandbox
from tests.fixtures import notebooks

ROOT = Path(__file__).parents[2]


def load_assignment(name: str = "service") -> Assignment:
    """An assignment of the course."""
    return load(ROOT / "assignments" / name)


def copied_course(root: Path) -> Path:
    """Copy the course's configuration and assignments into a folder, and return it."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "assignments", root / "assignments", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the course, with nothing generated yet."""
    return Course(copied_course(tmp_path))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[MachineSandbox]:
    """One machine for all tests of a file."""
    with MachineSandbox() as booted:
        yield booted


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook that knows the assignment `service`, as releasing it makes one; for copying."""
    root = tmp_path_factory.mktemp("template")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "assignments" / "service", root / "assignments" / "service")
    Course(root).release("service")
    return root / "build" / "gradebook.db"


@pytest.fixture
def released(course: Course, template: Path) -> Course:
    """A course whose assignment `service` was released."""
    course.build.mkdir()
    shutil.copy(template, course.build)
    return course


def as_ordinary_user(program: str) -> str:
    """Run a Python program that may not read everything, also where the tests run as root; return what it printed."""
    rights = "-dac_override,-dac_read_search"
    fewer = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.geteuid() == 0 else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*fewer, sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def own_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for machines that no other test uses, so that they can be counted."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def submit_notebook(course: Course, student: str, notebook: bytes, assignment: str = "service") -> None:
    """Put a notebook where nbgrader collects it."""
    folder = course.folder("submitted", student, assignment)
    folder.mkdir(parents=True)
    (folder / f"{assignment}.ipynb").write_bytes(notebook)


def notebook_named(name: str, assignment: str = "service") -> bytes:
    """The notebook of a test submission."""
    return notebooks.notebook_of(assignment, name)


def expected(name: str, assignment: str = "service") -> dict[str, Any]:
    """The verdict that a test submission must get."""
    return notebooks.expected(assignment, name)


def notebook_of(*sources: str, **metadata: Any) -> bytes:
    """A notebook of code cells, as bytes; the metadata is every cell's."""
    common: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": metadata}
    cells = [{**common, "id": f"cell-{place}", "source": source} for place, source in enumerate(sources)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@contextmanager
def serving(answer: Callable[[socketserver.StreamRequestHandler], None]) -> Iterator[int]:
    """A TCP server on loopback that does this with each connection; gives its port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the other side hung up
                answer(self)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
