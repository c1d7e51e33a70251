"""From nbgrader's exchange to the course, by nbgrader's own ``collect``; and what students may have put there."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.gradebook.course import Course
from tests.autograder.gradebook.test_plugins import nbgrader

TIME = "2026-11-28 09:00:00.000000 UTC"


def submitted(course: Course, student: str, time: str = TIME) -> Path:
    """A student's folder in the exchange, with a notebook."""
    folder = course.root / "exchange" / "drydock" / "inbound" / f"{student}+service+{time}+x"
    folder.mkdir(parents=True)
    (folder / "service.ipynb").write_text(student)
    (folder / "timestamp.txt").write_text(time)
    return folder


def test_what_students_put_there_is_collected(released: Course) -> None:
    """A pipe, a link to another's work, a file name that is no text, an outer folder, a time that is none."""
    course = released
    config = course.root / "nbgrader_config.py"
    more = f'c.Exchange.root = "{course.root}/exchange"\nc.ExchangeCollect.check_owner = False\n'
    config.write_text(f"{config.read_text()}\n{more}")
    neighbour = submitted(course, "ada")
    os.mkfifo(submitted(course, "bob") / "pipe")
    link = submitted(course, "carl") / "service.ipynb"
    link.unlink()
    link.symlink_to(neighbour / "service.ipynb")
    (link.parent / "dangling").symlink_to("nowhere")
    (submitted(course, "dora") / os.fsdecode(b"bad\xff.txt")).write_text("")
    outer = submitted(course, "eve+x@uni.edu")
    (outer / "service").mkdir()
    (outer / "service.ipynb").rename(outer / "service" / "service.ipynb")
    submitted(course, "fred", "some time in spring")
    (submitted(course, "gina") / "/".join("d" * 60)).mkdir(parents=True)
    newest = submitted(course, "fred")
    (newest / "run.sh").write_text("")
    (newest / "run.sh").chmod(0o755)
    log = nbgrader(course, "collect", "service")
    works = {work.student: work for work in course.submissions("service")}
    assert {student: work.notebook for student, work in works.items() if not work.problem} == {
        student: student.encode() for student in ("ada", "bob", "dora", "eve+x@uni.edu", "fred", "gina")
    }
    assert works["carl"].problem == "service.ipynb is a link"
    assert not os.path.lexists(course.folder("submitted", "carl", "service") / "dangling")
    assert (course.folder("submitted", "eve+x@uni.edu", "service") / "service.ipynb").is_file()
    assert (course.folder("submitted", "fred", "service") / "run.sh").stat().st_mode & 0o100
    deepest = max(len(path.parts) for path in course.folder("submitted", "gina", "service").rglob("*"))
    assert deepest < len(course.folder("submitted", "gina", "service").parts) + 45
    assert "is a named pipe" in log
    assert "has no time" in log
