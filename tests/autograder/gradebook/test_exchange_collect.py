"""From nbgrader's exchange to the course, by nbgrader's own ``collect``; and what students may have put there."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from autograder.gradebook import exchange_collect
from autograder.gradebook.course import Course
from autograder.gradebook.exchange_collect import ExchangeCollector
from tests.autograder.gradebook.test_plugins import nbgrader

TIME = "2026-11-28 09:00:00.000000 UTC"


def submitted(course: Course, student: str, time: str = TIME) -> Path:
    """A student's folder in the exchange, with a notebook."""
    folder = course.root / "exchange" / "drydock" / "inbound" / f"{student}+service+{time}+x"
    folder.mkdir(parents=True)
    (folder / "service.ipynb").write_text(student)
    (folder / "timestamp.txt").write_text(time)
    return folder


def with_exchange(course: Course, *settings: str) -> Course:
    """The course with an exchange below it, where all folders have one owner."""
    config = course.root / "nbgrader_config.py"
    own = (f'c.Exchange.root = "{course.root}/exchange"', "c.ExchangeCollect.check_owner = False")
    config.write_text("\n".join([config.read_text(), *own, *settings, ""]))
    return course


def collector(course: Course) -> ExchangeCollector:
    """The plug-in, as nbgrader makes it."""
    places = course.places
    places.assignment_id = "service"
    return ExchangeCollector(coursedir=places, config=course.config)


def test_what_students_put_there_is_collected(released: Course) -> None:
    """A pipe, a link to another's work, a file name that is no text, an outer folder, a time that is none."""
    course = with_exchange(released)
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
    assert "is no plain file" in log
    assert "has no time" in log


def test_what_can_not_be_collected_replaces_nothing(released: Course) -> None:
    """A newer folder that is too large, a link to another's, a file, and an old time that is none: no work is lost."""
    course = with_exchange(released, "c.CourseDirectory.max_dir_size = 20")
    for student in ("ada", "bob", "carl", "dora"):
        submitted(course, student)
    nbgrader(course, "collect", "service")
    later = TIME.replace("28", "29")
    (submitted(course, "ada", later) / "large.bin").write_bytes(b"x" * 30_000)
    inbound = submitted(course, "bob", later).parent
    (inbound / f"carl+service+{later}+x").symlink_to(inbound / f"bob+service+{later}+x")
    (inbound / f"dora+service+{later}+x").write_text("no folder")
    (course.folder("submitted", "bob", "service") / "timestamp.txt").write_text("2026-01-01 10:00:00 /etc/hostname")
    log = nbgrader(course, "collect", "service", "--update")
    works = {work.student: work.notebook for work in course.submissions("service")}
    assert works == {student: student.encode() for student in ("ada", "bob", "carl", "dora")}
    assert [reason for reason in ("bytes of at most", "is a link", "is no folder") if reason not in log] == []
    assert course.submitted_at("bob", "service") == datetime.fromisoformat("2026-11-29 09:00")


def test_a_copy_can_be_entered_and_replaced(released: Course) -> None:
    """A student made folders read-only, the outer one too: the work is moved out of it all the same."""
    source, target = submitted(released, "ada"), released.folder("submitted", "ada", "service")
    (source / "service" / "app").mkdir(parents=True)
    (source / "service.ipynb").rename(source / "service" / "service.ipynb")
    for folder in (source / "service" / "app", source / "service", source):
        folder.chmod(0o555)
    collector(released).do_copy(str(source), str(target))
    for folder in (source, source / "service", source / "service" / "app"):
        folder.chmod(0o755)
    assert (target / "service.ipynb").read_text() == "ada"
    assert [path.stat().st_mode & 0o700 for path in (target, target / "app")] == [0o700, 0o700]


def test_a_folder_that_can_not_be_moved_is_reported(released: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are collected after it."""

    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(exchange_collect, "remove_outer_folder", refuse)
    warnings: list[str] = []
    plug_in = collector(released)
    monkeypatch.setattr(plug_in.log, "warning", lambda text, *_: warnings.append(text))
    plug_in.do_copy(str(submitted(released, "ada")), str(released.folder("submitted", "ada", "service")))
    assert warnings == ["What was collected of %r stays as it is: %s"]
