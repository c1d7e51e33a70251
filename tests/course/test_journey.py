"""The whole way of a student and a teacher, on this computer's JupyterLab and its own Docker."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from tests.browser import opened
from tests.course.browsing import address, page, save, served
from tests.course.journey import MARKS, Terminal, look, teaching, walk
from tests.course.lesson_by_hand import Plan, Student, plan

__all__ = ["address", "page"]

pytestmark = [*MARKS, pytest.mark.timeout(900)]

SIZES = [(1280, 800), (1920, 1080)]
PLANS = [
    plan("01_containers", in_terminal=("background", "lost"), restart_after="saved"),
    plan("03_ports", in_terminal=("publish", "loopback")),
]
#: A container from the terminal uses the lesson's volume when the lesson begins again.
VOLUMES = [plan("06_volumes", in_terminal=("reader",), restart_after="reader")]
#: What the lessons' solutions create in a terminal, whose docker command adds no label.
TYPED = "^/?(workshop|lost|first|diary|auditor)$"

_numbers = itertools.count()


@dataclass(frozen=True)
class LocalExecutor:
    """A folder of this computer."""

    address: str
    home: str

    @property
    def first(self) -> str:
        """What `drydock lab` opens."""
        return self.address

    def file(self, path: str) -> Path:
        """A file in it."""
        return Path(self.home, path)

    def bring(self, folder: str, pattern: str, into: Path) -> None:
        """Copy files from a folder in it."""
        for file in Path(self.home, folder).glob(pattern):
            shutil.copy(file, into)


@pytest.fixture(autouse=True)
def nothing_typed(host: Endpoint) -> Iterator[None]:
    """The containers that a student makes in a terminal are gone afterwards; they have no label of ours."""
    yield
    with closing(host.client()) as client:
        for name in ("^/?service$", TYPED):
            for container in client.containers.list(all=True, filters={"name": name}):
                container.remove(force=True)


def test_from_the_first_page_to_the_mark(address: str, page: Page, tmp_path: Path) -> None:
    """From the course's page to ten points."""
    course = teaching(tmp_path / "teacher")
    shutil.copytree(course.release("service"), tmp_path / "work" / "service")
    assert walk(page, LocalExecutor(address, str(tmp_path)), course) == 10


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_two_lessons_by_hand(size: tuple[int, int], theme: str, tmp_path: Path) -> None:
    """Each exercise failed, hinted and solved, each question answered; the progress shows, and the pictures stay."""
    by_hand(size, theme, "host", tmp_path)


def test_two_lessons_by_hand_on_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where there is no Docker."""
    with monkeypatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        by_hand(SIZES[0], "Dark", "machine", tmp_path)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_a_third_lesson_by_hand(theme: str, tmp_path: Path) -> None:
    """The same with volumes, which a container without the lesson's label keeps from being removed."""
    by_hand(SIZES[0], theme, "host", tmp_path, VOLUMES)


def by_hand(size: tuple[int, int], theme: str, engine: str, folder: Path, plans: Sequence[Plan] = PLANS) -> None:
    """Do the lessons in a window of that size, look at the progress, and come back on the next day."""
    settings = folder / "jupyter" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": f"JupyterLab {theme}"}))
    with opened(*size) as page:
        students = []
        with served(folder, {"DRYDOCK_ENGINE": engine}) as address:
            terminal = Terminal(page, address, beside=True)
            for each in plans:
                label = f"{size[0]}-{theme}-{engine}-{each.lesson.number}"
                student = Student(page, terminal, each, partial(shot, page, label))
                page.click(".lm-TabBar-tab:has-text('START.md')")
                student.shot("first-page")
                page.click(f"td a:text-is('{each.lesson.number}')")
                student.do_all()
                save(page)
                students.append(student)
            progress(page, terminal, plans)
            students[-1].shot("progress")
        with served(folder, {"DRYDOCK_ENGINE": engine}) as address:
            for student in students:
                student.next_day(address)


def shot(page: Page, label: str, name: str) -> None:
    """Keep a picture of a step, in the order of the steps."""
    look(page, f"{label}-{next(_numbers):03d}-{name}")


def progress(page: Page, terminal: Terminal, plans: Sequence[Plan]) -> None:
    """The first page and the command show what has been done."""
    terminal.reload()  # a page that is open is not drawn again
    rows = [f"tr:has(td a:text-is('{each.lesson.number}')):has-text('✔'):visible" for each in plans]

    def are_shown() -> bool:
        page.click(".lm-TabBar-tab:has-text('START.md')", timeout=60_000)  # JupyterLab may open another tab once more
        return all(page.locator(row).count() for row in rows)

    wait_for(are_shown, "the rows of the lessons that are done", seconds=60, every=0.5)
    terminal.type("drydock progress", until=rf"{plans[-1].lesson.number} [^\n]*✔ 5 of 5")
