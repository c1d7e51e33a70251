"""The writer of generated pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core import resources
from drydock.learn.pages import course_pages
from scripts.lesson_reader import COURSE
from tests.architecture.tree import ROOT


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course's lessons."""
    for path in [*COURSE.glob("*.ipynb"), COURSE / "README.md", COURSE / "glossary.md"]:
        shutil.copy(path, tmp_path / path.name)
    (tmp_path / "tasks").mkdir()
    return tmp_path


def test_the_command_writes_the_pages(course: Path) -> None:
    """All pages are in the folder, and their links lead to files that are there."""
    subprocess.run([sys.executable, "-m", "drydock.learn.pages.course_pages", str(course)], cwd=ROOT, check=True)
    for name, text in course_pages.pages(COURSE).items():
        assert (course / name).read_text().startswith(text)
        assert [file for file in re.findall(r"\]\(([\w-]+\.\w+)", text) if not (course / file).is_file()] == []


def test_a_folder_without_a_course_gets_no_pages(tmp_path: Path) -> None:
    """A project of somebody's own stays as it is."""
    (tmp_path / "README.md").write_text("# Somebody's own project")
    (tmp_path / "99_mine.ipynb").write_text("[]")
    assert course_pages.write(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 2


def test_a_page_that_cannot_be_written_is_no_error(course: Path) -> None:
    """A folder has the name of each page."""
    for name in course_pages.pages(COURSE):
        (course / name).mkdir()
    assert course_pages.write(course) == []


def test_a_student_s_notebooks_change_nothing(course: Path) -> None:
    """Notebooks that are broken, added or gone: the pages are made from the package's own lessons."""
    (course / "03_ports.ipynb").write_text("<<<<<<< HEAD")
    (course / "04_limits.ipynb").unlink()
    for name, text in {"99_mine": "{}", "98_mine": "", "97_mine": "[]", "03_ports-Copy1": '{"cells": []}'}.items():
        (course / f"{name}.ipynb").write_text(text)
    assert course_pages.write(course) == []
    assert all((course / name).read_text().startswith(text) for name, text in course_pages.pages(COURSE).items())


def test_a_student_s_own_page_stays(course: Path) -> None:
    """It is named, and the other pages are written."""
    (course / "notes.md").write_text("my notes")
    assert course_pages.write(course) == ["notes.md"]
    assert (course / "notes.md").read_text() == "my notes"
    assert (course / "cheat-sheet.md").is_file()


def test_a_lesson_that_cannot_be_read_is_reported(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a checkout the student's lessons are the package's own: the pages stay as they are, with the reason."""
    for text in ("", "{}", "[]", "3", '{"cells": [3]}', '{"cells": [{"cell_type": "code"}]}'):
        (course / "03_ports.ipynb").write_text(text)
        monkeypatch.setattr(resources, "folder", lambda name: course)
        assert course_pages.write(course) == []
        assert "a lesson can't be read" in capsys.readouterr().err
        assert not (course / "notes.md").exists()


def test_git_and_the_wheel_leave_them_out() -> None:
    """Generated pages are in no commit and in no wheel, and placing the course doesn't copy them."""
    ignored = (ROOT / ".gitignore").read_text() + (ROOT / "pyproject.toml").read_text()
    placed = (ROOT / "drydock" / "course_files.py").read_text()
    for name in course_pages.pages(COURSE):
        assert ignored.count(f"/course/{name}") == 2
        assert f'"{name}"' in placed
