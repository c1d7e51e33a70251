"""What the commands of ``autograder`` do, from submissions to scores."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import replace

import pytest

from autograder import commands
from autograder.checks.runner import not_run
from autograder.cli import main
from autograder.gradebook import run_lock
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import scores
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import LocalExecutor
from autograder.submission import Submission
from autograder.verdict import Verdict
from tests.autograder import sandboxes
from tests.autograder.conftest import expected, load_assignment, notebook_named, notebook_of, submit_notebook
from tests.autograder.prepared import PreparedExecutor

#: Test submissions of `service`: the solution, a near miss, a cheat. All others: tests/fixtures.
CLASS = ["perfect", "no-limit", "cheat-swallow"]


def autograder(course: Course, *words: str) -> int:
    """The command, in a course."""
    return main(["--course", str(course.root), *words])


def test_no_submissions_is_told(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """What happened, where it looked, what to do."""
    assert autograder(course, "grade", "service") == 1
    error = capsys.readouterr().err
    assert "nothing to grade" in error
    assert "Next:" in error


def test_an_unknown_assignment_is_told(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of those there are."""
    assert autograder(course, "grade", "servise") == 1
    assert re.search(r"choose one of: .*\bservice\b", capsys.readouterr().err)


def test_another_folder_is_no_course(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The exit code reports it, too."""
    assert main(["--course", str(tmp_path_factory.mktemp("empty")), "release", "service"]) == 1


@pytest.mark.slow
def test_releasing_says_where_it_is(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """And it is there."""
    assert autograder(course, "release", "service") == 0
    assert "build/release/service/" in capsys.readouterr().out
    assert (course.root / "build/release/service/service.ipynb").is_file()


@pytest.mark.live
@pytest.mark.isolation
def test_a_notebook_that_is_not_json_is_worth_nothing(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """It has a state of its own, feedback with the reason, and no old score is left."""
    submit_notebook(course, "ada", b"{'cells': []}")
    file = course.root / "verdicts.json"
    assert autograder(course, "grade", "service", "--json", str(file)) == 0
    [verdict] = json.loads(file.read_text())
    assert (verdict["state"], verdict["score"], verdict["max"]) == ("unreadable", 0, 10)
    page = (course.root / "build/feedback/ada/service/service.html").read_text()
    assert "it is not JSON" in page
    with course.gradebook() as book:
        assert sum(scores(book, load_assignment(), "ada").values()) == 0


@pytest.mark.live
@pytest.mark.isolation
def test_the_second_coordinator_says_so_and_stops(released: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the process that grades, and since when; that one writes the scores."""
    submit_notebook(released, "ada", b"no notebook")
    with run_lock.held(released.build / "grading.lock", "grading service"):
        assert autograder(released, "grade", "service") == 1
    error = capsys.readouterr().err
    assert "being graded already" in error
    assert f"process {os.getpid()} on" in error


def test_a_file_for_verdicts_that_cannot_be_written_is_told_first(
    released: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after an hour of grading."""
    submit_notebook(released, "ada", b"no notebook")
    assert autograder(released, "grade", "service", "--json", "/dev/null/verdicts.json") == 1
    assert "verdicts.json could not be written" in capsys.readouterr().err
    assert not (released.build / "verdicts").exists()


def test_trouble_is_printed_with_what_becomes_of_the_score(
    released: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same work keeps its score; replaced work has none until it is graded, and the message names that."""
    config = GradingConfig(f"{sandboxes.HERE}.BootFails")
    monkeypatch.setattr(commands, "_executor", lambda *_: LocalExecutor(config))
    store = released.verdicts(load_assignment(), config)
    known = Verdict("ada", "service", "graded", tuple(not_run(load_assignment().checks)), 0)
    for student, notebook in (("ada", notebook_of("1")), ("bob", notebook_of("old"))):
        submit_notebook(released, student, notebook_of("1"))
        store.keep(Submission(student, "service", notebook), replace(known, student=student))
        Recorder(released).record(replace(known, student=student))
    submit_notebook(released, os.fsdecode(b"m\xfcller"), notebook_of("1"))
    assert autograder(released, "grade", "service", "--regrade", "--json", str(released.root / "v.json")) == 1
    output = capsys.readouterr()
    assert "ada could not be graded, the score stays as it was: " in output.err
    assert "bob could not be graded, there is no score until this student is graded again: " in output.err
    assert "m\ufffdller: is no name that can be written as UTF-8" in output.out
    assert [row["state"] for row in json.loads((released.root / "v.json").read_text())][-1] == "misnamed"


def test_who_needs_a_look_is_named(
    released: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time that can't be read, work in another place, an id with brackets, each by its name; the code is 3."""
    monkeypatch.setattr(commands, "_executor", lambda *_: PreparedExecutor(GradingConfig()))
    with released.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-28 00:00:00")
        book.add_student("cid")
    for student, name in (("ada", "timestamp.txt"), ("eve [guest] :cat:", "claimed_time.txt"), ("bob", "notes.txt")):
        submit_notebook(released, student, notebook_of("1"))
        (released.folder("submitted", student, "service") / name).write_text("9" * 20)
    folder = released.folder("submitted", "bob", "service")
    folder.rename(folder.with_name("SERVICE"))
    (folder.parents[1] / "cid").mkdir()
    (folder.parents[1] / "cid" / "service.zip").touch()
    assert autograder(released, "grade", "service", "--json", str(released.root / "v.json")) == commands.ATTENTION
    lines = capsys.readouterr().out
    assert "ada: has a time of submission that can't be read" in lines
    assert "cid: has no folder service, and instead of it: service.zip" in lines
    assert "cid: is in the roster" not in lines
    assert "since no LMS gave one: eve [guest] :cat:\n" in lines
    rows = {row["student"]: row["state"] for row in json.loads((released.root / "v.json").read_text())}
    assert rows == dict.fromkeys(["ada", "bob", "eve [guest] :cat:"], "graded") | {"cid": "misplaced"}


def test_a_preview_renames_nothing(
    released: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of another case is named, and stays as it is."""
    monkeypatch.setattr(commands, "_executor", lambda *_: PreparedExecutor(GradingConfig()))
    for student in ("ada", "bob"):
        submit_notebook(released, student, notebook_of("1"))
    folder = released.folder("submitted", "bob", "service")
    folder.rename(folder.with_name("Service"))
    assert autograder(released, "grade", "service", "--preview") == 0
    assert "bob: has no folder service, and instead of it: Service" in capsys.readouterr().out
    assert folder.with_name("Service").is_dir()


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(1500)
def test_a_class_gets_its_marks(course: Course) -> None:
    """One command grades them all; what nbgrader's gradebook then says is what the verdicts said."""
    for name in CLASS:
        submit_notebook(course, name, notebook_named(name))
    file = course.root / "verdicts.json"
    assert autograder(course, "grade", "service", "--workers", "2", "--json", str(file)) == 0
    verdicts = {verdict["student"]: verdict for verdict in json.loads(file.read_text())}
    for name in CLASS:
        states = {check["id"]: check["state"] for check in verdicts[name]["checks"]}
        outcome = {"state": verdicts[name]["state"], "score": verdicts[name]["score"], "checks": states}
        assert (name, outcome) == (name, expected(name))
        with course.gradebook() as book:
            assert sum(scores(book, load_assignment(), name).values()) == expected(name)["score"]
        assert (course.root / f"build/feedback/{name}/service/service.html").is_file()
    print(
        f"{len(verdicts)} submissions, {sorted(verdict['seconds'] for verdict in verdicts.values())} s", file=sys.stderr
    )
