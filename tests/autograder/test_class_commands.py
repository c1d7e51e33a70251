"""What the commands about a class do: its report, similar answers. The extension's test is beside its module."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import record
from autograder.submission import Submission
from tests.autograder.conftest import notebook_named, submit_notebook
from tests.autograder.gradebook.test_scores import verdict
from tests.autograder.test_commands import autograder


def test_a_report_is_a_table_a_picture_and_a_file(released: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Made from what grading kept."""
    list(Recorder(released).grade([Submission("ada", "service", b"no notebook")]))
    file = released.root / "scores.csv"
    assert autograder(released, "report", "service", "--csv", str(file)) == 0
    assert "points per check" in capsys.readouterr().out
    assert (released.build / "report" / "service.svg").read_text().startswith("<svg")
    assert file.read_text().splitlines()[1].startswith("ada,unreadable,0,12,2,0,")


def test_a_report_has_what_nbgrader_and_persons_did(released: Course) -> None:
    """Bob was graded by nbgrader alone, and a person gave Ada her points; points changed since are named."""
    with released.gradebook() as book:
        record(book, replace(verdict("passed"), student="bob"))
        record(book, verdict("passed"))
        book.find_grade("service-in-words", "service", "service", "ada").manual_score = 2
        book.find_grade("service-token", "service", "service", "bob").auto_score = 0.5
        book.db.commit()
    files = {kind: released.root / kind for kind in ("json", "moodle", "canvas")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]
    assert autograder(released, "report", "service", *options) == 0
    rows = {row["student"]: row for row in json.loads(files["json"].read_text())}
    assert (rows["ada"]["grade"]["score"], rows["bob"]["grade"]["score"]) == (12, 9.5)
    assert "Graded by `nbgrader autograde`" in rows["bob"]["note"]
    assert "ada,,,,12," in files["moodle"].read_text()
    assert "ada,,,ada,,12" in files["canvas"].read_text()


@pytest.mark.slow
def test_similar_answers_are_printed(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The solution and a copy of it are a pair; the empty one is too short."""
    autograder(course, "release", "service")
    for student, name in (("ada", "perfect"), ("bob", "perfect"), ("eve", "blank")):
        submit_notebook(course, student, notebook_named(name))
    assert autograder(course, "similar", "service") == 0
    output = capsys.readouterr().out
    assert "100 %  ada  bob" in output
    assert "1 pair of 80 % or more" in output


def test_there_is_no_report_on_nothing(released: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor on an assignment that does not exist."""
    assert autograder(released, "report", "service") == 1
    assert "autograder grade service" in capsys.readouterr().err
    assert autograder(released, "report", "servise") == 1
    assert "no assignment called 'servise'" in capsys.readouterr().err
