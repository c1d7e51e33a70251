"""The students' folders of an assignment, and what lies elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.gradebook.submitted_folders import correct_case, misplaced, student_folders
from tests.autograder.conftest import as_ordinary_user

#: What lies in ``submitted``: a path that ends with a slash is a folder.
_TREE = [
    "ada/service/service.ipynb",
    "bob/Service/service.ipynb",
    "cid/service.ipynb",
    "dan/service",
    "eve/service.zip",
    "fay.ipynb",
    "hal/SERVICE/",
    "hal/Service/",
    "ian/dockerfile/dockerfile.ipynb",
    "jim/",
    ".DS_Store",
    "kim/.DS_Store",
    "notes of the teacher.txt",
]


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """A class that submitted in many ways; gil's folder is a link to nowhere."""
    for name in _TREE:
        path = tmp_path / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()
    (tmp_path / "gil").mkdir()
    (tmp_path / "gil" / "service").symlink_to("nowhere")
    return tmp_path


def test_the_exact_folder_is_a_students(submitted: Path) -> None:
    """A file or a broken link of that name is none."""
    assert student_folders(submitted / "*" / "service") == {"ada": submitted / "ada" / "service"}
    assert student_folders(submitted / "nowhere" / "*" / "service") == {}


def test_what_lies_elsewhere_has_a_reason(submitted: Path) -> None:
    """Each that grading would skip; no student who submitted another assignment only, and no file that is no work."""
    correct_case(submitted / "*" / "service")
    reasons = misplaced(submitted / "*" / "service")
    assert reasons == {
        "cid": "has no folder service, and instead of it: service.ipynb",
        "dan": "has no folder service, and instead of it: service",
        "eve": "has no folder service, and instead of it: service.zip",
        "fay.ipynb": "is no folder of a student",
        "gil": "has no folder service, and instead of it: service",
        "hal": "has no folder service, and instead of it: SERVICE, Service",
    }


def test_a_folder_of_another_case_gets_its_name_where_it_is_the_only_one(submitted: Path) -> None:
    """Nothing is merged, and nothing replaced."""
    correct_case(submitted / "*" / "service")
    correct_case(submitted / "*" / "service")
    assert list(student_folders(submitted / "*" / "service")) == ["ada", "bob"]
    assert (submitted / "bob" / "service" / "service.ipynb").is_file()
    assert {path.name for path in (submitted / "hal").iterdir()} == {"SERVICE", "Service"}


def test_the_assignment_may_stand_before_the_student(tmp_path: Path) -> None:
    """As nbgrader can be configured: then each entry is a student's."""
    (tmp_path / "service" / "ada").mkdir(parents=True)
    (tmp_path / "service" / "bob.zip").touch()
    assert list(student_folders(tmp_path / "service" / "*")) == ["ada"]
    assert misplaced(tmp_path / "service" / "*") == {"bob.zip": "is no folder of a student"}


def test_long_lists_and_odd_names_are_cut(tmp_path: Path) -> None:
    """A terminal shows every reason."""
    (tmp_path / "ada").mkdir()
    for name in (b"a\xff", b"b", b"c", b"d"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/ada/" + name)).touch()
    assert misplaced(tmp_path / "*" / "service") == {"ada": "has no folder service, and instead of it: a\ufffd, b, c …"}


def test_a_folder_that_can_not_be_entered_is_named(tmp_path: Path) -> None:
    """The student's own, or the one of the assignment below it, which is a student's all the same."""
    (tmp_path / "ada").mkdir(mode=0)
    (tmp_path / "bob" / "service").mkdir(parents=True)
    (tmp_path / "bob" / "service").chmod(0)
    program = (
        "from pathlib import Path; from autograder.gradebook.submitted_folders import *;"
        f"pattern = Path({str(tmp_path)!r}, '*', 'service');"
        "correct_case(pattern); print(misplaced(pattern), list(student_folders(pattern)))"
    )
    try:
        output = as_ordinary_user(program)
    finally:
        (tmp_path / "ada").chmod(0o700)
        (tmp_path / "bob" / "service").chmod(0o700)
    assert output.strip() == "{'ada': \"the student's folder can't be read: Permission denied\"} ['bob']"
