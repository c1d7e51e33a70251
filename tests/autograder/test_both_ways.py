"""The same twelve submissions by `autograder grade` and by `nbgrader autograde`, and nbgrader's next commands."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from autograder.cli import main
from autograder.commands import ATTENTION
from autograder.gradebook.course import Course
from autograder.gradebook.grades import Grade, grades_of
from tests.autograder import odd_submissions as odds
from tests.autograder.conftest import copied_course, notebook_named, submit_notebook
from tests.autograder.odd_submissions import odd
from tests.autograder.test_nbgrader import Office

_IN_TIME, _LATE = "2026-11-27 09:00:00.000000 UTC", "2026-11-28 09:00:00.000000 UTC"
#: The score that each submission must get, before a penalty.
CLASS: dict[str, float] = {
    **{"right": 10, "partial": 9, "blank": 0, "late": 10, "no-json": 0, "a-folder": 0, "renamed": 10, "later-ids": 10},
    **{"no-metadata": 9, "half-an-emoji": 10, "split-cell": 10, "two-cpus": 10},
}


def notebooks() -> dict[str, bytes]:
    """The notebook of each."""
    return {
        "right": notebook_named("perfect"),
        "partial": notebook_named("no-limit"),
        "blank": notebook_named("blank"),
        "late": notebook_named("perfect-busybox"),
        "no-json": b"{'cells': []}",
        "a-folder": b"",
        "renamed": notebook_named("perfect-shell"),
        "later-ids": odd(odds.ids_of_a_later_format),
        "no-metadata": odd(odds.no_metadata, "silent"),
        "half-an-emoji": odd(odds.half_an_emoji),
        "split-cell": odd(odds.split_and_retyped),
        "two-cpus": odd(odds.two_cpus),
    }


def submit_all(course: Course) -> None:
    """Put the submissions where nbgrader collects them, with a due date; one has a time that is none."""
    config = course.root / "nbgrader_config.py"
    config.write_text(f'{config.read_text()}\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    for student, notebook in notebooks().items():
        submit_notebook(course, student, notebook)
        folder = course.folder("submitted", student, "service")
        (folder / "timestamp.txt").write_text(_LATE if student == "late" else _IN_TIME)
        (folder / "notes.txt").write_text("mine")
        (folder / "run.sh").write_text("#!/bin/sh")
        (folder / "run.sh").chmod(0o755)
    place = course.folder("submitted", "renamed", "service")
    (place / "service.ipynb").rename(place / "service-Copy1.ipynb")
    place = course.folder("submitted", "a-folder", "service")
    (place / "service.ipynb").unlink()
    (place / "service.ipynb").mkdir()
    place = course.folder("submitted", "two-cpus", "service")
    (place / "timestamp.txt").write_text("99999999999999999999")
    (place / os.fsdecode(b"bad\xff.txt")).write_text("")
    course.release("service")
    with course.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-28 00:00:00")


def give_points(course: Course) -> None:
    """Grade some open questions by hand: points, a comment, extra credit."""
    with course.gradebook() as book:
        for student, points in (("right", 1.5), ("late", 2), ("no-json", 0)):
            where = ("service-in-words", "service", "service", student)
            grade = book.find_grade(*where)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = points, 0.25, False
            book.find_comment(*where).manual_comment = f"For {student}: how would you notice?"
        book.db.commit()


def grades(course: Course) -> list[Grade]:
    """What the gradebook has of everybody."""
    with course.gradebook() as book:
        return [replace(grade, submitted_at=None) for grade in grades_of(book, "service")]


def files_in(course: Course, step: str) -> dict[str, set[tuple[str, bool]]]:
    """The files of one step by student, each with its execute bit."""
    folders = {student: course.folder(step, student, "service") for student in CLASS}
    return {
        student: {
            (path.relative_to(folder).as_posix(), bool(path.stat().st_mode & 0o100))
            for path in folder.rglob("*")
            if path.is_file()
        }
        for student, folder in folders.items()
    }


def shown(course: Course, student: str) -> list[tuple[str, str]]:
    """What formgrader shows in nbgrader's cells and below them: the id, and the first line of the check's result."""
    file = course.folder("autograded", student, "service") / "service.ipynb"
    cells: list[dict[str, Any]] = json.loads(file.read_text())["cells"]
    rows = []
    for cell in cells:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        outputs = "".join("".join(output.get("text", "")) for output in cell.get("outputs", []))
        first = outputs.partition("\n")[0] if name.startswith("service-") else ""
        rows.append((name or str(cell["metadata"].get("drydock", "")), first))
    return rows


def look_over(office: Office) -> Mapping[str, str]:
    """Make and release feedback and export, by nbgrader's own commands; return the exported scores by student."""
    office.nbgrader("generate_feedback", "service")
    office.nbgrader("release_feedback", "service")
    office.nbgrader("export")
    course = office.course
    for student in CLASS:
        page = (course.folder("feedback", student, "service") / "service.html").read_text()
        assert "Marking advice" not in page
    page = (course.folder("feedback", "right", "service") / "service.html").read_text()
    assert "For right: how would you notice?" in page
    rows = csv.DictReader((course.build / "grades.csv").read_text().splitlines())
    return {row["student_id"]: f"{row['score']} {row['late_submission_penalty']}" for row in rows}


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(1800)
def test_both_ways_are_the_same(course: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Scores, penalties, persons' points, files and feedback; all of nbgrader's commands end with exit code 0."""
    other = Course(copied_course(tmp_path_factory.mktemp("other")))
    ours, theirs = Office(course, tmp_path_factory.mktemp("ours")), Office(other, tmp_path_factory.mktemp("theirs"))
    for each in (course, other):
        submit_all(each)
    assert main(["--course", str(course.root), "grade", "service", "--workers", "2"]) == ATTENTION
    theirs.nbgrader("autograde", "service")
    assert {grade.student: grade.raw for grade in grades(course)} == CLASS
    for each in (course, other):
        give_points(each)
    # The penalty is part of grading: by nbgrader's way it follows a person's points when the work is graded again.
    assert main(["--course", str(course.root), "grade", "service"]) == ATTENTION
    theirs.nbgrader("autograde", "service", "--student", "late", "--force")
    assert [grade.line for grade in grades(course)] == [grade.line for grade in grades(other)]
    assert files_in(course, "autograded") == files_in(other, "autograded")
    for student in CLASS:
        assert (student, shown(course, student)) == (student, shown(other, student))
    assert look_over(ours) == look_over(theirs)
    assert files_in(course, "feedback") == files_in(other, "feedback")
