"""The page on teaching, followed in a course of its own: from an empty folder to the files for Moodle and Canvas."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from autograder import cli as autograder_cli
from autograder.gradebook.course import Course
from drydock import cli as drydock_cli
from tests.autograder.conftest import ROOT, notebook_named
from tests.autograder.test_formgrader import COMMENT, give_points, submissions_page
from tests.autograder.test_nbgrader import Office
from tests.browser import opened

PAGE = (ROOT / "docs" / "teaching.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
#: The students' uploads, as Moodle's "download all" names it; the second is late, the third has no notebook.
UPLOADS = {
    "Ada Lovelace_4711_assignsubmission_file_/service_ada_20261128T090000Z.zip": notebook_named("perfect"),
    "Bob Noyce_4712_assignsubmission_file_/service_bob_20261129T090000Z.zip": notebook_named("no-limit"),
    "Eve Curie_4713_assignsubmission_file_/service_eve_20261128T090000Z.zip": b"no notebook",
}
#: In place of `autograder grade` where no machine may boot: records what each test submission must get.
_PREPARED = """
autograder() {
    case "$1 $*" in
        *--preview*) ;;
        grade*) "$PYTHON" -m tests.docs.prepared_verdicts ;;
        *) "$PYTHON" -m autograder.cli "$@" ;;
    esac
}
"""
_REAL = """
autograder() { "$PYTHON" -m autograder.cli "$@"; code=$?; [ "$code" = 3 ] || return "$code"; }
"""


def moodle_zip(file: Path) -> None:
    """Write what Moodle gives an instructor: a folder for each student, with what the student uploaded."""
    with zipfile.ZipFile(file, "w") as outer:
        for name, notebook in UPLOADS.items():
            inner = file.with_suffix(".student")
            with zipfile.ZipFile(inner, "w") as work:
                work.writestr("service.ipynb", notebook)
            outer.write(inner, name)
            inner.unlink()


def run(script: str, folder: Path, prelude: str) -> str:
    """Run a block of the page in a folder; every command must succeed. Return what it printed."""
    programs = f'{prelude}\nnbgrader() {{ "$PYTHON" -m nbgrader "$@"; }}\n'
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "DRYDOCK": str(ROOT)}
    command = ["bash", "-e", "-c", f"{programs}\n{script}"]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr[-3000:]}"
    return done.stdout


def follow(folder: Path, prelude: str, by_hand: Callable[[Course], None] | None = None) -> tuple[Course, str]:
    """Follow the page from top to bottom; return the course, and all that its commands printed.

    ``by_hand`` is what a person does in formgrader; `autograder grade` runs again after it, as the page says.
    """
    (language, make), *rest = BLOCKS
    assert language == "sh"
    root = Path(run(f"{make}\npwd", folder, prelude).splitlines()[-1])
    output = ""
    for language, text in rest:
        if by_hand and text.startswith("nbgrader generate_feedback"):
            by_hand(Course(root))
            output += run("autograder grade service", root, prelude)
        if language == "sh":
            output += run(text, root, prelude)
        elif language == "python":
            (root / "nbgrader_config.py").write_text(text)
        else:
            assert language == "csv"
            (root / "students.csv").write_text(text)
            moodle_zip(root / "submissions.zip")
    return Course(root), output


def grade_by_hand(office: Office, pictures: Path) -> None:
    """Open formgrader, give Bob points for the open question, and take pictures of what a person sees."""
    with submissions_page(office) as (page, client):
        expect(page.get_by_text("needs manual grading").first).to_be_visible(timeout=60_000)
        page.screenshot(path=pictures / "submissions.png")
        give_points(page, client, "bob", "It has no limit.")
        page.screenshot(path=pictures / "grading.png", full_page=True)


def picture_feedback(course: Course, file: Path) -> None:
    """Take a picture of Bob's page, which has the points and the comment that a person gave."""
    with opened(1200, 1000) as page:
        page.goto((course.folder("feedback", "bob", "service") / "service.html").as_uri())
        expect(page.get_by_text(COMMENT)).to_be_visible(timeout=60_000)
        assert page.get_by_text("Marking advice").count() == 0
        page.screenshot(path=file, full_page=True)


def check_outcome(course: Course, bob: str = "9") -> None:
    """Ada has her points, Bob was late with an extension and loses none, Eve has a reason instead of a notebook."""
    moodle = {row["username"]: row for row in csv.DictReader((course.root / "moodle.csv").read_text().splitlines())}
    assert {student: row["service"] for student, row in moodle.items()} == {"ada": "10", "bob": bob, "eve": "0"}
    assert moodle["ada"]["service feedback"] == "10 of 12, 2 to be marked by a person"
    assert moodle["ada"]["email"] == "ada@uni.example"
    canvas = list(csv.reader((course.root / "canvas.csv").read_text().splitlines()))
    assert canvas[1][-1] == "12"
    assert [row[0] for row in canvas[2:]] == ["Lovelace, Ada", "Noyce, Bob", "Curie, Eve"]
    for student in moodle:
        assert (course.folder("feedback", student, "service") / "service.html").is_file()
    assert course.claimed_times(course.submissions("service")) == {"ada", "bob", "eve"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_following_the_page_without_a_machine(tmp_path: Path) -> None:
    """All commands but the grading itself, which is replaced by the verdicts that the submissions must get."""
    course, output = follow(tmp_path, _PREPARED)
    assert "bob may submit service until 2026-11-30 22:00 UTC." in output
    check_outcome(course)


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.browser
@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_following_the_page(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every command of the page, with the grading in machines; a person gives points in a browser."""
    place, pictures = tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("pictures")

    def by_hand(course: Course) -> None:
        grade_by_hand(Office(course, place), pictures)

    course, output = follow(tmp_path, _REAL, by_hand)
    assert "0 of 3 scores would change. Nothing was written." in output
    verdicts = {row["student"]: row["state"] for row in json.loads((course.root / "verdicts.json").read_text())}
    assert verdicts == {"ada": "graded", "bob": "graded", "eve": "unreadable"}
    check_outcome(course, bob="10.5")
    picture_feedback(course, pictures / "feedback.png")


def test_formgrader_opens_in_the_courses_folder() -> None:
    """nbgrader looks for the course in the folder that JupyterLab opens, so the command names that folder."""
    [words] = re.findall(r"`drydock (lab [^`]*)`", PAGE)
    options = drydock_cli._parser().parse_args(words.split())
    assert (options.folder, options.instructor) == (Path(), True)


def test_each_command_of_autograder_exists() -> None:
    """Its words and options are the parser's, also where the other test replaces it."""
    lines = [line.split() for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
    commands = [words[1:] for words in lines if words[0] == "autograder"]
    assert [words[0] for words in commands] == ["release", "grade", "extend", "similar", "grade", "report"]
    for words in commands:
        assert autograder_cli._parser().parse_args(words).run
