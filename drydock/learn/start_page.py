"""The page on which JupyterLab opens: the course's ``README.md`` with what the student has done, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.learn import page_file
from drydock.learn.course_folder import is_course
from drydock.learn.student_progress import StudentProgress

#: The course's own page, and the one that is generated beside it.
SOURCE, NAME = "README.md", "START.md"
_ROW = re.compile(r"^\| \[(\d+)\]\((\w+)\.ipynb\) \| (.+?) \| (\d+) \|$", re.MULTILINE)
_HEAD = "| lesson | title | minutes |\n|---|---|--:|"
_NEW_HEAD = "| lesson | title | minutes | exercises |\n|---|---|--:|---|"


@dataclass(frozen=True)
class LessonProgress:
    """A lesson of the course, as its page lists it, and how many of its exercises have passed."""

    number: str
    name: str
    title: str
    minutes: int
    done: int
    total: int

    @property
    def state(self) -> str:
        """The exercises in a few words, with a tick when all of them have passed; empty for a lesson without any."""
        if not self.total:
            return ""
        return f"{'✔ ' if self.done == self.total else ''}{self.done} of {self.total}"


def lessons(course: Path) -> list[LessonProgress]:
    """Return the lessons of a course folder in the order of its page, with the student's progress.

    There are none in a page that a person has replaced. A byte that is not UTF-8 hides no lesson.
    """
    kept = StudentProgress.of(course).read()
    page = (course / SOURCE).read_text(encoding="utf-8", errors="replace")
    return [
        LessonProgress(number, name, title, int(minutes), *_exercises(course, name, kept.get(name, {})))
        for number, name, title, minutes in _ROW.findall(page)
    ]


def next_lesson(listed: Sequence[LessonProgress]) -> LessonProgress | None:
    """Return the lesson to go on with: the last one begun, or the one after it; None at the end of the course."""
    begun = max((index for index, lesson in enumerate(listed) if lesson.done), default=-1)
    rest = listed[max(begun, 0) :]
    return next((lesson for lesson in rest if not lesson.total or lesson.done < lesson.total), None)


def text(course: Path) -> str:
    """Return the page as Markdown."""
    listed = lessons(course)
    rows = {lesson.name: lesson for lesson in listed}

    def row(match: re.Match[str]) -> str:
        lesson = rows[match[2]]
        link = f"({lesson.name}.ipynb)"
        return f"| [{lesson.number}]{link} | [{lesson.title}]{link} | {lesson.minutes} | {lesson.state} |"

    page = _ROW.sub(row, (course / SOURCE).read_text(encoding="utf-8").replace(_HEAD, _NEW_HEAD))
    opening, heading, rest = page.partition("\n## ")
    return f"{opening}\n{_go_on(listed)}\n{heading}{rest}"


def write(course: Path) -> bool:
    """Write the page into a course folder, and return whether it was written.

    It is not where there is no course, the folder can't be written, or a person has changed the page or ``README.md``.
    """
    with suppress(OSError, ValueError):  # ValueError: a file that is not in UTF-8
        return is_course(course) and bool(lessons(course)) and page_file.write(course / NAME, text(course))
    return False


def _go_on(listed: Sequence[LessonProgress]) -> str:
    lesson = next_lesson(listed)
    if lesson is None:
        return "You have done all lessons."
    words = "Go on here" if any(each.done for each in listed) else "Start here"
    state = f", {lesson.state} exercises done" if lesson.done else ""
    return f"**{words}: [{lesson.number} {lesson.title}]({lesson.name}.ipynb)**, {lesson.minutes} minutes{state}."


def _exercises(course: Path, lesson: str, passed: dict[str, str]) -> tuple[int, int]:
    """Return how many exercises of a lesson have passed, and how many it has, without running its file."""
    file = course / "tasks" / f"{lesson}.py"
    code = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    total = len(re.findall(r"^@exercise\(", code, re.MULTILINE))
    return min(len(passed), total), total
