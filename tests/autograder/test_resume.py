"""A run that is interrupted at any moment loses no score and leaves no wrong one; the next run continues there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.submission import Submission
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from tests.autograder.conftest import ROOT, load_assignment, notebook_named, notebook_of, submit_notebook
from tests.autograder.gradebook.test_recorder import BOOT_FAILS, graded, mark, verdict
from tests.processes import heeds_interrupt


class Cut(Exception):
    """The run was cut off here."""


#: Where a run may be cut off: the functions of the recorder in the order it calls them for a fresh verdict.
MOMENTS = [
    "run_lock.held",
    "blank",
    "VerdictStore.forget",
    "grade",
    "VerdictStore.keep",
    "record",
    "feedback.rendered",
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_was_cut_off_leaves_no_wrong_score(
    released: Course, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any moment, the score is the old work's, none, or the new work's, and never one for the other.

    The next run then puts all of it right.
    """
    old = Submission("ada", "service", notebook_of("1"))
    broken = Submission("ada", "service", b"no notebook")
    verdicts = released.verdicts(load_assignment(), BOOT_FAILS)
    verdicts.keep(old, verdict("passed"))
    Recorder(released).record(verdict("passed"))

    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(f"autograder.gradebook.recorder.{moment}", cut)
        with pytest.raises(Cut):
            graded(released, broken)
    is_new = not verdicts.is_of_other_work(broken)
    assert mark(released) in ({None, 0.0} if is_new else {None, 10.0})
    assert graded(released, broken) == ["unreadable"]
    assert mark(released) == 0
    assert "could not be read" in (released.root / "build/feedback/ada/service/service.html").read_text()


#: A cell that prints a word of its own each time it runs: the same word means that it ran once.
ONCE = "import uuid; print('ran as', uuid.uuid4())"


def ran_as(course: Course) -> dict[str, str]:
    """Return the word that each student's notebook printed, for the recorded verdicts."""
    words = {}
    for file in (course.build / "autograded").glob("*/service/service.ipynb"):
        [cell] = [cell for cell in json.loads(file.read_text())["cells"] if "".join(cell["source"]) == ONCE]
        words[file.parents[1].name] = "".join(cell["outputs"][0]["text"])
    return words


def once(name: str) -> bytes:
    """Return a test submission with the cell in front."""
    notebook, front = json.loads(notebook_named(name)), json.loads(notebook_of(ONCE))
    return json.dumps({**notebook, "cells": [*front["cells"], *notebook["cells"]]}).encode()


def begun(course: Course) -> subprocess.Popen[str]:
    """The command, as a person would give it."""
    words = [sys.executable, "-m", "autograder.cli", "--course", str(course.root), "grade", "service", "--workers", "1"]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, cwd=ROOT, stderr=pipe, stdout=pipe, text=True, preexec_fn=heeds_interrupt)


def machines() -> list[Machine]:
    """Return the running processes."""
    return [machine for machine in Machine.all() if machine.is_running()]


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "how",
    [pytest.param(signal.SIGINT, id="ctrl-c"), pytest.param(signal.SIGKILL, id="kill -9")],
)
def test_nothing_is_run_twice_and_no_mark_is_lost(released: Course, how: signal.Signals, own_machines: None) -> None:
    """Stopped after the first of three verdicts and started again, the command grades the other two and no more."""
    for student in ("ada", "bob", "eve"):
        submit_notebook(released, student, once("no-limit"))
    with begun(released) as first:
        wait_for(lambda: ran_as(released), "the first score", seconds=200)
        os.kill(first.pid, how)
        first.communicate(timeout=10)
    wait_for(lambda: not machines(), "the machines to end with it", seconds=60)
    before = ran_as(released)
    with begun(released) as second:
        assert second.wait(timeout=300) == 0
    after = ran_as(released)
    assert set(after) == {"ada", "bob", "eve"}
    assert {student: after[student] for student in before} == before
    assert mark(released) == 9
