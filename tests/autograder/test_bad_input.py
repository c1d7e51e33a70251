"""Problems before, during and after grading are reported in a few words, with what to do next, and lose nothing.

What is no submission, no assignment and no notebook is in test_cli.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from autograder.cli import main
from autograder.errors import CannotWrite
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.scheduling import dask_executor
from autograder.submission import Submission
from tests.autograder.conftest import ROOT, notebook_named, submit_notebook

BROKEN = b"no notebook"


def grade(course: Course, *words: str) -> int:
    """The command."""
    return main(["--course", str(course.root), "grade", "service", *words])


def message(capfd: pytest.CaptureFixture[str]) -> str:
    """What a person read on standard error: a message with a way on, and no traceback."""
    error = capfd.readouterr().err
    assert "Next:" in error
    assert "Traceback" not in error
    return error


@pytest.mark.live
@pytest.mark.isolation
def test_a_gradebook_that_may_only_be_read(released: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """What was graded by then is kept, and written when the gradebook is mended."""
    submit_notebook(released, "ada", BROKEN)
    assert grade(released, "--db", f"sqlite:///file:{released.build}/gradebook.db?mode=ro&uri=true") == 1
    assert "attempt to write a readonly database" in message(capfd)
    assert grade(released) == 0


@pytest.mark.live
@pytest.mark.isolation
def test_a_gradebook_that_is_none(released: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """Somebody saved a table under its name."""
    submit_notebook(released, "ada", BROKEN)
    (released.build / "gradebook.db").write_text("student;points\n" * 100)
    assert grade(released) == 1
    assert "file is not a database" in message(capfd)


@pytest.mark.live
@pytest.mark.isolation
def test_a_scheduler_that_does_not_answer(
    released: Course, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some patience."""
    monkeypatch.setattr(dask_executor, "_PATIENCE", 2)
    submit_notebook(released, "ada", BROKEN)
    assert grade(released, "--scheduler", "tcp://127.0.0.1:1") == 1
    assert "The cluster at tcp://127.0.0.1:1 can't be used." in message(capfd)


#: Fills the disk, grades, makes room, grades again; the course's build folder is a small disk of its own.
FULL = """
cp -r {stash}/. {build}/ && dd if=/dev/zero of={build}/full bs=1k status=none 2>/dev/null
{grade}; echo "ended with $?"
rm {build}/full
{grade}; echo "ended with $?"
"""


@pytest.mark.live
@pytest.mark.isolation("bubblewrap")
def test_a_full_disk(released: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A full disk is reported, no half-written file is taken for a whole one, and with some space the run continues."""
    submit_notebook(released, "ada", BROKEN)
    stash = tmp_path_factory.mktemp("stash")
    released.build.rename(stash / "build")
    released.build.mkdir()
    command = f"{sys.executable} -m autograder.cli --course {released.root} grade service --no-isolation"
    script = FULL.format(stash=stash / "build", build=released.build, grade=command)
    disk = ["--size", str(1 << 20), "--tmpfs", str(released.build)]
    done = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", *disk, "--", "sh", "-c", script],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    first, _, second = done.stdout.partition("ended with 1")
    assert "full" in done.stderr or "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "unreadable" not in first
    assert "unreadable" in second
    assert "ended with 0" in second


@pytest.mark.live
@pytest.mark.isolation
def test_a_notebook_without_the_cell_for_the_answer(released: Course) -> None:
    """The student who deleted it reads that, beside the results of the checks."""
    whole = json.loads(notebook_named("perfect"))
    cells = [cell for cell in whole["cells"] if not cell["metadata"].get("nbgrader", {}).get("solution")]
    work = Submission("ada", "service", json.dumps({**whole, "cells": cells}).encode())
    [verdict] = Recorder(released).grade([work])
    assert (verdict.state, verdict.score) == ("graded", 0)
    assert "lacks cells for an answer: service-" in verdict.note
    assert verdict.note in (released.build / "feedback/ada/service/service.html").read_text()


def test_a_folder_that_cannot_be_made(released: Course) -> None:
    """A file lies in its place."""
    submit_notebook(released, "ada", BROKEN)
    (released.build / "verdicts").write_text("")
    with pytest.raises(CannotWrite, match=r"verdict\.json could not be written"):
        list(Recorder(released).grade(released.submissions("service")))
