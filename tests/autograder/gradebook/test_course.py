"""The course on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from autograder.errors import InvalidConfig, NoSubmissions, NotACourse, ReleaseFailed, UnknownAssignment
from autograder.gradebook.course import Course
from drydock.submit import RAW_LIMIT
from tests.autograder.conftest import as_ordinary_user, notebook_of, submit_notebook


def test_a_folder_without_configuration_is_no_course(tmp_path: Path) -> None:
    """The message says what makes one."""
    with pytest.raises(NotACourse, match=r"nbgrader_config\.py"):
        Course(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("c = (", r"SyntaxError: '\(' was never closed"),
        ("import nothing_of_that_name", r"ModuleNotFoundError: .* \(line 1\)"),
        ("\nraise SystemExit(3)", r"SystemExit: 3 \(line 2\)"),
        ("c.CourseDirectory.source_directory = 7", "source_directory"),
        ("\0", "null bytes"),
    ],
)
def test_a_configuration_that_can_not_be_used_has_a_message(tmp_path: Path, text: str, why: str) -> None:
    """It names the file, and what Python or nbgrader found there."""
    (tmp_path / "nbgrader_config.py").write_text(text)
    with pytest.raises(InvalidConfig, match=why) as raised:
        Course(tmp_path).folder("submitted", "ada", "service")
    assert str(tmp_path / "nbgrader_config.py") in str(raised.value)


def test_nbgraders_places_are_below_the_course(course: Course) -> None:
    """Wherever the command is called from."""
    assert course.folder("submitted", "ada", "service") == course.root / "build/submitted/ada/service"
    assert course.places.db_url == f"sqlite:///{course.root}/build/gradebook.db"


@pytest.mark.slow
def test_the_student_version_holds_no_solution(course: Course) -> None:
    """It has the tasks and the checks, and a place for the answer."""
    text = (course.release("service") / "service.ipynb").read_text()
    assert "SOLUTION" not in text
    assert "http.server -d" not in text
    assert "YOUR CODE HERE" in text
    assert 'check(\\"service.answers\\")' in text


@pytest.mark.slow
def test_releasing_leaves_the_source_alone(course: Course) -> None:
    """Everything generated goes to build/."""
    source = course.root / "assignments/service/service.ipynb"
    before = source.read_bytes()
    course.release("service")
    assert source.read_bytes() == before
    assert {path.name for path in course.root.iterdir()} == {"assignments", "build", "nbgrader_config.py"}


@pytest.mark.slow
def test_a_source_that_nbgrader_refuses_is_told(course: Course) -> None:
    """With nbgrader's own last words."""
    source = course.root / "assignments/service/service.ipynb"
    data = json.loads(source.read_text())
    for cell in data["cells"]:
        cell["metadata"].get("nbgrader", {}).update(grade_id="twice")
    source.write_text(json.dumps(data))
    with pytest.raises(ReleaseFailed, match="failed to validate"):
        course.release("service")


@pytest.mark.slow
def test_a_notebook_that_nbgrader_can_not_read_has_its_exceptions(course: Course) -> None:
    """Without the lines of nbgrader's own code."""
    (course.root / "assignments" / "service" / "service.ipynb").write_text("{")
    with pytest.raises(ReleaseFailed, match=r"(?m)^.*JSONDecodeError: .*\n.*NotJSONError: ") as raised:
        course.release("service")
    assert "File" not in raised.value.why


@pytest.mark.parametrize("assignment", ["servise", "../service", "", "*"])
def test_an_unknown_assignment_is_refused(course: Course, assignment: str) -> None:
    """Before anything is read or written."""
    with pytest.raises(UnknownAssignment):
        course.submissions(assignment)


def test_submissions_come_by_student(course: Course) -> None:
    """All, or those asked for."""
    for student in ("grace", "ada"):
        submit_notebook(course, student, notebook_of("1"))
    assert [submission.student for submission in course.submissions("service")] == ["ada", "grace"]
    assert [submission.student for submission in course.submissions("service", ["grace"])] == ["grace"]


def test_a_folder_whose_name_is_no_text_is_left_out_and_named(course: Course) -> None:
    """No gradebook could have the student; the others are graded."""
    submit_notebook(course, "ada", notebook_of("1"))
    submit_notebook(course, os.fsdecode(b"m\xfcller"), notebook_of("1"))
    assert [submission.student for submission in course.submissions("service")] == ["ada"]
    assert course.misnamed("service") == ["m\ufffdller"]


def test_work_elsewhere_is_named_where_nothing_can_be_graded(course: Course) -> None:
    """For the class, and for the student who was asked for."""
    folder = course.folder("submitted", "cid", "service").parent
    folder.mkdir(parents=True)
    (folder / "service.ipynb").touch()
    for students in ([], ["cid"]):
        with pytest.raises(NoSubmissions, match=r"cid has no folder service, and instead of it: service\.ipynb"):
            course.submissions("service", students)
    assert list(course.misplaced("service")) == ["cid"]


def test_a_folder_of_another_case_is_taken(course: Course) -> None:
    """Once its name is corrected; a student who submitted another assignment is no question."""
    submit_notebook(course, "ada", notebook_of("1"), "dockerfile")
    submit_notebook(course, "bob", notebook_of("1"))
    folder = course.folder("submitted", "bob", "service")
    folder.rename(folder.with_name("Service"))
    course.correct_case("service")
    assert [submission.student for submission in course.submissions("service")] == ["bob"]
    assert course.misplaced("service") == {}


def test_a_folder_that_can_not_be_entered_is_a_problem_and_has_no_time(course: Course) -> None:
    """Its student gets a reason, and the class its table."""
    submit_notebook(course, "ada", notebook_of("1"))
    folder = course.folder("submitted", "ada", "service")
    folder.chmod(0)
    program = (
        "from pathlib import Path; from autograder.gradebook.course import Course;"
        f"course = Course(Path({str(course.root)!r})); works = course.submissions('service');"
        "print(course.claimed_times(works), course.unreadable_times(works), course.renamed(works), works[0].problem)"
    )
    try:
        output = as_ordinary_user(program)
    finally:
        folder.chmod(0o700)
    assert output.strip() == "set() set() {} the folder can't be read: Permission denied"


def test_a_class_without_submissions_is_reported(course: Course) -> None:
    """With the folder where it is expected."""
    with pytest.raises(NoSubmissions, match="build/submitted"):
        course.submissions("service")


def test_a_student_without_a_submission_is_named(course: Course) -> None:
    """A typing error in a name must not look like a score."""
    submit_notebook(course, "ada", notebook_of("1"))
    with pytest.raises(NoSubmissions, match="adda"):
        course.submissions("service", ["ada", "adda"])


def test_files_beside_the_notebook_come_along(course: Course) -> None:
    """But no links, which could lead to anything on this computer."""
    submit_notebook(course, "ada", notebook_of("1"))
    folder = course.folder("submitted", "ada", "service")
    (folder / "app").mkdir()
    (folder / "app/page.html").write_text("hi")
    (folder / "passwords").symlink_to("/etc/passwd")
    assert course.submissions("service")[0].files == {"app/page.html": b"hi"}


def test_a_huge_notebook_is_not_read_whole(course: Course) -> None:
    """One byte too many is enough to know."""
    submit_notebook(course, "ada", b" " * (RAW_LIMIT + 1000))
    assert len(course.submissions("service")[0].notebook) == RAW_LIMIT + 1
