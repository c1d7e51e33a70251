"""The writer of generated pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.learn.pages import course_pages
from scripts.lesson_reader import COURSE
from tests.architecture.tree import ROOT


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course's lessons."""
    for path in [*COURSE.glob("*.ipynb"), COURSE / "notes.toml", COURSE / "glossary.md"]:
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def test_the_command_writes_the_pages(course: Path) -> None:
    """All pages are in the folder, and their links lead to files that are there."""
    subprocess.run([sys.executable, "-m", "drydock.learn.pages.course_pages", str(course)], cwd=ROOT, check=True)
    for name, text in course_pages.pages(course).items():
        assert (course / name).read_text() == text
        assert [file for file in re.findall(r"\]\(([\w-]+\.\w+)", text) if not (course / file).is_file()] == []


def test_no_course_and_no_permission_are_no_errors(tmp_path: Path) -> None:
    """A folder without a course gets no pages."""
    assert not course_pages.write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_git_and_the_wheel_leave_them_out() -> None:
    """Generated pages are in no commit and in no wheel, and placing the course doesn't copy them."""
    ignored = (ROOT / ".gitignore").read_text() + (ROOT / "pyproject.toml").read_text()
    placed = (ROOT / "drydock" / "course_files.py").read_text()
    for name in course_pages.pages(COURSE):
        assert ignored.count(f"/course/{name}") == 2
        assert f'"{name}"' in placed
