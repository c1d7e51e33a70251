"""Assignments, loaded from folders of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.checks.assignment import Assignment, from_files, known, load
from autograder.errors import InvalidChecks, UnknownAssignment, UnknownCheck
from autograder.execution.kernel_container import DEFAULT
from autograder.submission import files_beside
from tests.autograder.conftest import ROOT, load_assignment

CHECKS = """
from autograder.checks.api import check
from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext

from . import helper


@check(points={points})
def greets(context: CheckContext) -> None:
    \"\"\"It greets.\"\"\"
    assert helper.WORD


assignment = Assignment([greets])
"""


def course(folder: Path, points: int = 1) -> Path:
    """A folder with one assignment, `greeting`, and a folder that is none."""
    greeting = folder / "greeting"
    (greeting / "app").mkdir(parents=True)
    (greeting / "greeting.ipynb").write_text("{}")
    (greeting / "checks.py").write_text(CHECKS.format(points=points))
    (greeting / "helper.py").write_text("WORD = 'Hello'\n")
    (greeting / "server.py").write_text("print('given to students')\n")
    (greeting / "instructor.md").write_text("The answers.\n")
    (greeting / "app" / "page.html").write_text("hi")
    (folder / "notes").mkdir()
    (folder / "notes" / "notes.ipynb").write_text("{}")
    return greeting


def test_a_folder_is_an_assignment(tmp_path: Path) -> None:
    """Its name is the folder's, and its checks are called after it; each is loaded once."""
    loaded = load(course(tmp_path))
    assert (loaded.name, [check.id for check in loaded.checks]) == ("greeting", ["greeting.greets"])
    assert load(tmp_path / "greeting").checks[0] is loaded.checks[0]


def test_other_folders_are_none(tmp_path: Path) -> None:
    """A notebook without checks is no assignment, and the message names the existing assignments."""
    course(tmp_path)
    assert known(tmp_path) == ["greeting"]
    with pytest.raises(UnknownAssignment, match="choose one of: greeting"):
        load(tmp_path / "notes")
    with pytest.raises(UnknownAssignment):
        load(tmp_path / "greeting" / ".." / "greeting", "../greeting")


def test_two_courses_stay_apart(tmp_path: Path) -> None:
    """Assignments of one name have their own checks in one process, and a changed file is loaded anew."""
    first, second = load(course(tmp_path / "a", points=1)), load(course(tmp_path / "b", points=2))
    assert [assignment.checks[0].points for assignment in (first, second)] == [1, 2]
    (tmp_path / "a" / "greeting" / "checks.py").write_text(CHECKS.format(points=3))
    assert load(tmp_path / "a" / "greeting").checks[0].points == 3
    assert first.checks[0].points == 1


def test_nothing_is_left_beside_the_notebook(tmp_path: Path) -> None:
    """No compiled file: nbgrader releases what lies there, and students build the folder."""
    folder = course(tmp_path)
    before = sorted(folder.rglob("*"))
    load(folder)
    assert sorted(folder.rglob("*")) == before


def test_a_student_gets_the_given_files_and_no_checks(tmp_path: Path) -> None:
    """Released files replace the submitted ones; modules of the checks are dropped, also if a student submits them.

    The instructor's page isn't there.
    """
    loaded = load(course(tmp_path))
    assert loaded.modules == {"checks.py", "helper.py"}
    submitted = {"Dockerfile": b"FROM x", "app/page.html": b"theirs", "checks.py": b"theirs", "helper.py": b"theirs"}
    assert loaded.files_for(submitted) == {
        "Dockerfile": b"FROM x",
        "app/page.html": b"hi",
        "server.py": b"print('given to students')\n",
    }


@pytest.mark.parametrize(
    "path",
    [
        "app",
        "server.py/x",
        "checks.py/x",
        "greeting.ipynb/x",
        "mine/x/y",
        "n" * 256,
        "é" * 128,
        "/".join(["n" * 200] * 11),
    ],
)
def test_released_files_win_where_both_can_not_be_written(tmp_path: Path, path: str) -> None:
    """A student's file in the place of a folder, below a file, or with a name too long is left out; the rest stays."""
    loaded = load(course(tmp_path))
    submitted = {path: b"odd", "mine": b"1", "app/more.html": b"2", "n" * 255: b"3"}
    expected = {**submitted, **loaded.files}
    del expected[path]
    assert loaded.graded_files(submitted) == expected
    assert path not in loaded.files_for(submitted)


def test_the_files_alone_are_enough(tmp_path: Path) -> None:
    """A worker on another computer has no folder of the course."""
    loaded = load(course(tmp_path))
    files = files_beside(tmp_path / "greeting")
    del files["instructor.md"]
    assert from_files("greeting", files) == loaded


BROKEN = {
    "import nonsense_that_is_not_there": r"ModuleNotFoundError: .*\(broken/checks\.py, line 1\)",
    "def": "SyntaxError",
    "x = 1": "it defines no `assignment`",
    "assignment = 7": "it defines no `assignment`",
    "raise SystemExit(3)": "SystemExit: 3",
    "\0": "null bytes",
}


@pytest.mark.parametrize("text", BROKEN)
def test_checks_that_cannot_be_loaded_are_told(tmp_path: Path, text: str) -> None:
    """The message has Python's error and its line, or says what is missing; nothing half-loaded stays."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "checks.py").write_text(f"{text}\n")
    for _ in range(2):
        with pytest.raises(InvalidChecks, match=BROKEN[text]):
            load(folder)
    assert not [name for name in sys.modules if name.endswith(".broken.checks") and "import nonsense" in text]


def test_a_check_comes_after_those_it_needs(tmp_path: Path) -> None:
    """An impossible order of checks is reported when they are loaded, not in the middle of grading."""
    text = CHECKS.format(points=1).replace(
        "assignment = Assignment([greets])",
        "@check(points=1, needs=[greets])\ndef later(context: CheckContext) -> None:\n"
        '    """Later."""\n\n\nassignment = Assignment([later, greets])\n',
    )
    (course(tmp_path) / "checks.py").write_text(text)
    with pytest.raises(InvalidChecks, match=r"`greeting\.later` needs `greeting\.greets`"):
        load(tmp_path / "greeting")


def test_a_check_is_found_by_its_id() -> None:
    """The id in a student's cell finds the function that grades; for an unknown id, the known ones are listed."""
    assert load_assignment("service").check("service.answers").line.startswith("It answers")
    with pytest.raises(UnknownCheck, match=r"service\.answers"):
        load_assignment("service").check("service.nothing")


def test_an_assignment_may_need_more() -> None:
    """Longer limits, and a second machine for an image that travels; most need neither."""
    service, devimage = load_assignment("service"), load_assignment("devimage")
    assert (service.limits, service.machines) == (DEFAULT, 1)
    assert (devimage.limits.cell_seconds > DEFAULT.cell_seconds, devimage.machines) == (True, 2)


def test_all_of_ours_load() -> None:
    """Each assignment of this course is a value with checks."""
    names = known(ROOT / "assignments")
    assert len(names) == 4
    assert all(isinstance(load_assignment(name), Assignment) and load_assignment(name).checks for name in names)
