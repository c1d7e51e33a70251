"""A student's whole way from the course's page to a zip, and a teacher's from the zip to a score, in a real browser.

It is the same way wherever JupyterLab runs: ``test_journey.py`` walks it here, ``tests/binder/`` in a pod.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Page

from autograder.cli import main as autograder
from autograder.gradebook.course import Course
from autograder.gradebook.scores import scores
from drydock import lab
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from drydock.learn.terminal import plain_text
from tests.architecture.tree import ROOT
from tests.autograder.conftest import load_assignment
from tests.course.browsing import Readable, open_lesson, run_all

#: What the walk needs, wherever it is walked.
MARKS = [
    pytest.mark.browser,
    pytest.mark.host,
    pytest.mark.live,
    pytest.mark.nightly,
    pytest.mark.isolation,
]
#: Seconds that a notebook may take from its first cell to its last, also where one processor has to do for all.
LONGEST = 600
#: The folder for screenshots of the steps; without it, none are taken.
_SHOTS = os.environ.get("DRYDOCK_SCREENSHOTS")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\n?### END SOLUTION", re.DOTALL)


class Provider(Protocol):
    """Where a student works: JupyterLab on the course, and the folder that it is opened on."""

    @property
    def address(self) -> str:
        """JupyterLab's, with its token."""
        ...

    @property
    def first(self) -> str:
        """The address that a student is sent to."""
        ...

    @property
    def home(self) -> str:
        """The folder, as a terminal there knows it."""
        ...

    def file(self, path: str) -> Readable:
        """A file in that folder, by its path there."""
        ...

    def bring(self, folder: str, pattern: str, into: Path) -> None:
        """Copy the files of that pattern from a folder in there to one of this computer."""
        ...


def walk(page: Page, place: Provider, course: Course) -> float:
    """Do a lesson, use a terminal, solve and submit the assignment, collect and grade it; return the score."""
    page.goto(place.first)
    page.wait_for_selector("h1:has-text('learn Docker by doing it')", timeout=60_000)
    look(page, "1-page")
    open_lesson(page, "01")
    outputs = run_all(page, place.file(str(Path(lab.FIRST).parent / "01_containers.ipynb")), seconds=LONGEST)
    assert [output for output in outputs if output["output_type"] == "error"] == []
    look(page, "2-lesson")
    terminal = Terminal(page, place.address)
    terminal.type("docker run -ti --rm drydock/debian:13 bash", until=r"root@\w{12}:/#")
    look(page, "3-terminal")
    terminal.type("exit", until=r"exit\s")
    do_the_assignment(page, place)
    command = f"cd {place.home}/work/service && drydock submit service --student ada"
    Terminal(page, place.address).type(command, until="contains your work")
    look(page, "6-zip")
    return mark(course, place)


def teaching(root: Path) -> Course:
    """A teacher's course in a new folder, with the assignment released."""
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "assignments" / "service", root / "assignments" / "service")
    course = Course(root)
    course.release("service")
    return course


def do_the_assignment(page: Page, place: Provider) -> None:
    """Write the answer over the line that stands in for it, run all, see green, and look at the page in a tab."""
    page.goto(place.address.replace("/?", "/lab/tree/work/service/service.ipynb?"))
    page.click(".jp-CodeCell .cm-content:has-text('YOUR CODE HERE')", timeout=60_000)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(solution())
    run_all(page, place.file("work/service/service.ipynb"), seconds=LONGEST)
    page.wait_for_selector("b:has-text('✔ 1/1') >> nth=2")
    assert page.locator("b:has-text('✘')").count() == 0
    page.locator("b:has-text('✔')").first.scroll_into_view_if_needed()
    look(page, "4-green")
    tab = page.context.new_page()
    tab.goto(place.address.replace("/?", "/proxy/8080/?"))
    assert "Page of the run" in tab.inner_text("body")
    look(tab, "5-tab")
    tab.close()


def solution() -> str:
    """The answer as the assignment's source has it, in JupyterLab's own indentation."""
    cells = json.loads((ROOT / "assignments/service/service.ipynb").read_text())["cells"]
    [source] = ["".join(cell["source"]) for cell in cells if cell["id"] == "start-the-service"]
    block = _SOLUTION.search(source)
    assert block is not None
    return block[1]


class Terminal:
    """A terminal in JupyterLab: the one below the first page, or one from a launcher with nothing else open."""

    def __init__(self, page: Page, address: str, *, beside: bool = False) -> None:
        self._page = page
        self._came: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))
        if beside:
            page.goto(address)
            page.wait_for_selector(".lm-DockPanel-tabBar .jp-mod-current:has-text('START.md')", timeout=60_000)
        else:
            page.goto(address.replace("/?", "/lab?reset&"))
            page.click(".jp-LauncherCard:has-text('Terminal')", timeout=60_000)
        page.wait_for_selector(".jp-Terminal .xterm-screen", timeout=60_000)
        self._until(r"[#$] $")

    def type(self, line: str, until: str) -> None:
        """Type a line, and wait for what comes: the server's words, since the browser has only a picture of them."""
        # JupyterLab may give another tab the focus in the middle of the line, when it has restored its layout.
        wait_for(lambda: self._has(line), f"the terminal to have the line {line}", seconds=60, details=self._shown)
        self._came.clear()
        self._page.press(".jp-Terminal .xterm-helper-textarea", "Enter")  # wherever the focus has gone meanwhile
        self._until(until)

    def _has(self, line: str) -> bool:
        """Type a line without its end, in place of what is there; return whether the shell has it."""
        self._page.click(".jp-Terminal .xterm-screen", timeout=60_000)
        self._page.keyboard.press("Control+u")  # the first key after a click may be lost
        self._came.clear()
        self._page.keyboard.type(line)
        with suppress(TimedOut):
            wait_for(lambda: "".join(line.split()) in self._echoed(), line, seconds=5, every=0.1)
            return True
        self._page.keyboard.press("Control+c")  # on the same line the shell would write only what differs
        return False

    def reload(self) -> None:
        """Load the page again, and wait for the terminal: the server repeats what it has shown."""
        self._came.clear()
        self._page.reload()
        self._until(r"[#$] $")

    def _hear(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        if text.startswith('["stdout"'):
            self._came.append(json.loads(text)[1])

    def _shown(self) -> str:
        self._page.evaluate("0")  # lets Playwright deliver the events that have arrived
        return plain_text("".join(self._came).encode())

    def _echoed(self) -> str:
        """What the shell has shown, without spaces: it goes on at the start of a row with a space and a return."""
        self._page.evaluate("0")
        return "".join(plain_text("".join(self._came).replace("\r", "").encode()).split())

    def _until(self, awaited: str) -> None:
        wait_for(lambda: re.search(awaited, self._shown()), awaited, seconds=60, every=0.3, details=self._shown)


def look(page: Page, name: str) -> None:
    """Keep a picture of the step, if somebody wants one."""
    if _SHOTS:
        page.screenshot(path=Path(_SHOTS) / f"{name}.png")


def mark(course: Course, place: Provider) -> float:
    """Collect the student's zip, grade it, and read the sum of points from the gradebook."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    place.bring("work/service", "service_ada_*.zip", archive)
    words = [sys.executable, "-m", "nbgrader", "zip_collect", "service"]
    subprocess.run(words, cwd=course.root, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert autograder(["--course", str(course.root), "grade", "service"]) == 0
    with course.gradebook() as book:
        return float(sum(scores(book, load_assignment(), "ada").values()))
