"""The page on which JupyterLab opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.learn import exercises, start_page
from drydock.learn.student_progress import StudentProgress
from scripts.lesson_reader import COURSE, LESSONS

README = """\
# A course

Run the cells.

## First steps

| lesson | title | minutes |
|---|---|--:|
| [00](00_first.ipynb) | Run a container | 15 |
| [01](01_second.ipynb) | Stop it | 20 |

Then do the [assignment](../work/a/a.ipynb).
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of two lessons with two exercises each."""
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "tasks").mkdir()
    for name in ("00_first", "01_second"):
        (tmp_path / "tasks" / f"{name}.py").write_text(
            '@exercise("Look.")\ndef a(): ...\n\n@exercise("x")\ndef b(): ...'
        )
    return tmp_path


def test_a_new_student_starts_with_the_first_lesson(course: Path) -> None:
    """Each row is a link as a whole, with minutes and exercises; the rest of the page stays."""
    page = start_page.text(course)
    assert "**Start here: [00 Run a container](00_first.ipynb)**, 15 minutes." in page
    assert "| [01](01_second.ipynb) | [Stop it](01_second.ipynb) | 20 | 0 of 2 |" in page
    assert "| lesson | title | minutes | exercises |" in page
    assert "Then do the [assignment](../work/a/a.ipynb)." in page


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (["00_first.a"], "Go on here: [00 Run a container](00_first.ipynb)**, 15 minutes, 1 of 2 exercises done."),
        (["00_first.a", "00_first.b"], "Go on here: [01 Stop it](01_second.ipynb)**, 20 minutes."),
        (["01_second.a"], "Go on here: [01 Stop it]"),
        (["01_second.a", "01_second.b"], "You have done all lessons."),
    ],
)
def test_a_student_who_returns_goes_on(course: Path, done: list[str], words: str) -> None:
    """The lesson to go on with is the last one begun, or the one after it."""
    for exercise in done:
        StudentProgress.of(course).keep(*exercise.split("."))
    assert words in start_page.text(course)


def test_a_finished_lesson_has_a_tick(course: Path) -> None:
    """All exercises passed; one that the lesson no longer has doesn't count beyond that."""
    for exercise in ("a", "b", "of-an-older-version"):
        StudentProgress.of(course).keep("00_first", exercise)
    assert "| 15 | ✔ 2 of 2 |" in start_page.text(course)


def test_a_folder_without_a_course_gets_no_page(tmp_path: Path) -> None:
    """Nothing is written there."""
    assert not start_page.write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_course_s_own_page_has_the_form() -> None:
    """Every lesson's row is found, and as many exercises are counted as the lesson loads."""
    listed = {lesson.name: lesson for lesson in start_page.lessons(COURSE)}
    assert list(listed) == [str(lesson) for lesson in LESSONS]
    for name, lesson in listed.items():
        assert lesson.total == len(exercises.load(COURSE, name)), name
    assert start_page.text(COURSE).count("| exercises |") == (COURSE / "README.md").read_text().count("| minutes |")


def test_a_readme_without_lessons_gets_no_page(course: Path) -> None:
    """A README.md of another project, or in another encoding, is no page of lessons."""
    for content in (b"# Mine\n", b"\xff\xfe\x00"):
        (course / "README.md").write_bytes(content)
        assert not start_page.write(course)
        assert not (course / start_page.NAME).exists()
