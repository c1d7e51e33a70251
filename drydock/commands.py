"""What each command of ``drydock`` does: a function of the parsed options that returns the exit code."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drydock import course_setup, images, lab, submit
from drydock.core import platform
from drydock.core.progress import step
from drydock.engine import clean, discovery, doctor
from drydock.errors import LessonsNotListed
from drydock.learn import start_page
from drydock.learn.student_progress import StudentProgress

if TYPE_CHECKING:
    import docker

_out = Console(highlight=False)


def open_lab(options: argparse.Namespace) -> int:
    """Open JupyterLab on a folder, or on the course, which is added to its folder first."""
    folder = options.folder or course_setup.set_up(options.course, Path.cwd())
    settings = {"browser": not options.no_browser, "port": options.port, "instructor": options.instructor}
    return lab.lab(folder, extra=options.extra, **settings)


def show_progress(options: argparse.Namespace) -> int:
    """Print which exercises of each lesson have passed, and the lesson to go on with."""
    course = course_setup.lessons_folder(options.folder, Path.cwd())
    listed = start_page.lessons(course)
    if not listed:
        raise LessonsNotListed(course / start_page.SOURCE)
    table = Table("lesson", "title", "exercises", "last passed", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    kept = StudentProgress.of(course)
    for lesson in listed:
        times = kept.done(lesson.name).values()
        table.add_row(lesson.number, Text(lesson.title), lesson.state or "-", max(times, default=""))
    _out.print(table)
    following = start_page.next_lesson(listed)
    _out.print(f"Go on with lesson {following.number}." if following else "You have done all lessons.", markup=False)
    return 0


def add_course(options: argparse.Namespace) -> int:
    """Add the course to a folder, or bring it up to date there."""
    folder = course_setup.set_up(options.folder, Path.cwd())
    quoted = shlex.quote(str(folder))
    _out.print(f"The course is in {folder}. To open it: drydock lab --course {quoted}", markup=False, soft_wrap=True)
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    """Print the places that may have an engine, with reasons; the exit code is 0 when a container ran."""
    report = doctor.examine(options.engine)
    if options.json:
        print(json.dumps(report.as_json()))
    else:
        _show(report)
    return 0 if report.ok else 1


def _show(report: doctor.Report) -> None:
    _out.print(f"This computer is {platform.describe()}.", markup=False)
    if not platform.supports_machines():
        _out.print(f"Note: {platform.NO_MACHINES}.", markup=False)
    table = Table("", "place", "reason", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for candidate in report.candidates:
        # As text: the brackets in pip install 'docker[ssh]' are no style.
        table.add_row(*map(Text, (report.status(candidate), candidate.name, candidate.reason)))
    _out.print(table)
    if report.engine:
        _out.print(report.engine, markup=False)
    if report.error:
        _out.print(str(report.error), markup=False)
    else:
        _out.print(f"A container ran in {report.seconds} s. Everything works.", markup=False)


@contextmanager
def _client() -> Iterator[docker.DockerClient]:
    """Yield a client of the engine that is found; a machine that had to be booted for the command is stopped again."""
    engine = discovery.find(owned=True)
    try:
        with closing(engine.client()) as client:
            yield client
    finally:
        if engine.booted_machine:
            with step(f"Stopping the machine {engine.machine}"):
                engine.booted_machine.stop()


def build_images(options: argparse.Namespace) -> int:
    """Build the images that the daemon lacks."""
    with _client() as client:
        built = images.build(client, options.names or None)
    tags = ", ".join(image.tag for image in built)
    _out.print(f"Built: {tags}" if built else "All images are up to date.", markup=False)
    return 0


def list_images(options: argparse.Namespace) -> int:
    """Print a table of the course's images."""
    table = Table("image", "size", "state", box=None, pad_edge=False)
    with _client() as client:
        for present in images.ls(client):
            state = "missing" if present.size is None else "current" if present.current else "outdated"
            size = "-" if present.size is None else f"{present.size / 1e6:.0f} MB"
            table.add_row(present.image.tag, size, state)
    _out.print(table)
    return 0


def make_zip(options: argparse.Namespace) -> int:
    """Pack a student's work into a zip."""
    here = Path.cwd()
    result = submit.submit(options.assignment, where=here, student=options.student)
    _out.print(submit.describe(result, here), markup=False, soft_wrap=True)
    return 0


def remove_leftovers(options: argparse.Namespace) -> int:
    """Remove the objects with Drydock's label, after asking; the exit code is 1 when one could not be removed."""
    with _client() as client:
        objects = clean.find(client)
        for each in objects:
            _out.print(f"{each.kind:>10}  {each.name}  {each.detail}", markup=False)
        if not objects:
            _out.print("There is nothing to remove.", markup=False)
            return 0
        if not options.yes and not _agreed(f"Remove these {len(objects)}?"):
            _out.print("Nothing was removed.", markup=False)
            return 1
        kept = clean.remove(objects)
    for each, reason in kept:
        _out.print(f"{each.kind} {each.name} was not removed: {reason}", markup=False)
    _out.print(f"Removed {len(objects) - len(kept)}.", markup=False)
    return 1 if kept else 0


def _agreed(question: str) -> bool:
    if sys.stdin is None:  # it was closed before Python started
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
