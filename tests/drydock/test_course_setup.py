"""The folder that a person works in."""

from __future__ import annotations

import errno
import platform
import shutil
from pathlib import Path

import pytest

from drydock import course_setup, student_versions
from drydock.course_setup import set_up
from drydock.errors import CommandFailed, NoHome, NoLessons
from tests.architecture.tree import ROOT


@pytest.fixture(autouse=True)
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Students' versions that were made before: making them takes seconds, and has tests of its own."""
    folder = tmp_path / "versions"
    (folder / "service").mkdir(parents=True)
    (folder / "service" / "service.ipynb").write_text("{}")
    monkeypatch.setattr(student_versions, "student_versions", lambda assignments, config: folder)
    return folder


def test_a_new_folder_has_lessons_and_assignments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Outside of a checkout the course comes into ./drydock-course, where the lessons' links lead."""
    assert set_up(None, tmp_path) == tmp_path / "drydock-course"
    assert (tmp_path / "drydock-course/course/README.md").is_file()
    assert (tmp_path / "drydock-course/work/service/service.ipynb").is_file()
    assert f"{tmp_path}/drydock-course/work: 1 files added, 0 updated." in capsys.readouterr().err


def test_a_named_folder_gets_it(tmp_path: Path) -> None:
    """A person may say where, also twice."""
    for _ in range(2):
        assert set_up(tmp_path / "mine", tmp_path) == tmp_path / "mine"
    assert (tmp_path / "mine/course/README.md").is_file()


def test_inside_of_the_course_it_is_found(tmp_path: Path) -> None:
    """A command in the course's folder, or in a folder below it, adds no second course."""
    course = set_up(None, tmp_path)
    assert set_up(None, course) == course
    assert set_up(None, course / "course" / "files") == course


def test_work_is_kept_and_reported(tmp_path: Path, versions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed notebook with a newer version is named in one line, with the newer one's name."""
    course = set_up(None, tmp_path)
    (course / "work/service/service.ipynb").write_text('{"mine": 1}')
    (versions / "service" / "service.ipynb").write_text('{"newer": 1}')
    capsys.readouterr()
    set_up(None, course)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"You have changed {course}/work/service/service.ipynb, so it stays as it is.")
    assert line.endswith("The new version is service/service.new.ipynb.")


def test_a_checkout_has_its_own_lessons(tmp_path: Path) -> None:
    """In a copy of the repository only the assignments are placed, made from its own sources."""
    checkout = tmp_path / "checkout"
    for name in ("assignments", "course"):
        shutil.copytree(ROOT / name, checkout / name)
    shutil.copy(ROOT / "nbgrader_config.py", checkout)
    assert set_up(None, checkout / "course") == checkout
    assert (checkout / "work/service/service.ipynb").is_file()
    assert not (checkout / "course" / ".drydock-files.json").exists()
    assert course_setup.is_checkout(ROOT)


def test_lessons_come_without_the_assignments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the assignments can't be released, that is reported and the lessons are there."""

    def fail(assignments: Path, config: Path) -> Path:
        raise CommandFailed(["autograder", "release"], 1, "no room")

    monkeypatch.setattr(student_versions, "student_versions", fail)
    course = set_up(None, tmp_path)
    assert (course / "course/README.md").is_file()
    assert not (course / "work").exists()
    assert "no room" in capsys.readouterr().err


def test_a_cache_that_cannot_be_written_leaves_the_lessons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is printed, with the path."""

    def fail(assignments: Path, config: Path) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied", "/home/ada/.cache/drydock")

    monkeypatch.setattr(student_versions, "student_versions", fail)
    course = set_up(None, tmp_path)
    assert (course / "course/README.md").is_file()
    printed = capsys.readouterr().err
    assert "/home/ada/.cache/drydock can't be used" in printed
    assert "the assignments are not" in printed


def test_a_newer_python_is_no_change_of_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lesson that a student has saved gets no newer version beside it when Python is brought up to date."""
    course = set_up(None, tmp_path)
    (course / "course" / "03_ports.ipynb").write_text("saved by a student")
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.9")
    capsys.readouterr()
    set_up(None, course)
    assert capsys.readouterr().err == ""
    assert not list(course.rglob("*.new.ipynb"))


@pytest.mark.parametrize(("name", "why"), [("mine", "Neither that folder"), ("nowhere", "There is no such folder")])
def test_a_folder_without_a_course_is_named(tmp_path: Path, name: str, why: str) -> None:
    """The message is about the lessons, and not about JupyterLab; a folder that isn't there has another reason."""
    (tmp_path / "mine").mkdir()
    with pytest.raises(NoLessons, match=f"not in {tmp_path / name}") as caught:
        course_setup.lessons_folder(tmp_path / name, tmp_path)
    assert why in caught.value.why


def test_lessons_are_found_among_them(tmp_path: Path) -> None:
    """Also where the folder around them is no course: a terminal of JupyterLab starts there."""
    lessons = tmp_path / "course"
    (lessons / "tasks").mkdir(parents=True)
    (lessons / "README.md").write_text("# a course")
    assert course_setup.lessons_folder(None, lessons) == lessons
    assert course_setup.lessons_folder(None, tmp_path) == lessons


def test_without_a_home_folder_the_lessons_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Making the assignments needs a folder for built files."""

    def no_cache(assignments: Path, config: Path) -> Path:
        raise NoHome()

    monkeypatch.setattr(student_versions, "student_versions", no_cache)
    course = set_up(None, tmp_path)
    assert (course / "course/README.md").is_file()
    assert "There is no home folder" in capsys.readouterr().err
