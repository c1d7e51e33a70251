"""A student's whole way, from the course's page to a zip, and a teacher's from the zip to a mark: in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page

from autograder.cli import main as autograder
from autograder.course import Course
from autograder.gradebook import scores
from drydock import lab
from drydock.endpoint import Endpoint
from drydock.terminal import plain
from drydock.waiting import wait_for
from tests.course.browsing import address, page, run_all
from tests.habits.tree import ROOT

__all__ = ["address", "page"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.host,
    pytest.mark.live,
    pytest.mark.nightly,
    pytest.mark.wall,
    pytest.mark.timeout(900),
]

#: Where screenshots go, for whoever wants to look at the steps.
_SHOTS = os.environ.get("DRYDOCK_SCREENSHOTS")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\n?### END SOLUTION", re.DOTALL)


@pytest.fixture
def teacher(tmp_path: Path) -> Course:
    """A teacher's course, from which the student's folder got its assignment."""
    root = tmp_path / "teacher"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "assignments" / "service", root / "assignments" / "service")
    course = Course(root)
    shutil.copytree(course.release("service"), tmp_path / "work" / "service")
    return course


@pytest.fixture(autouse=True)
def no_service(host: Endpoint) -> Iterator[None]:
    """The container that the assignment asks for is gone afterwards; it has no label of ours, as a student makes it."""
    yield
    with closing(host.client()) as client:
        for container in client.containers.list(all=True, filters={"name": "^/?service$"}):
            container.remove(force=True)


def test_from_the_first_page_to_the_mark(teacher: Course, address: str, page: Page, tmp_path: Path) -> None:
    """A lesson, a terminal, the assignment by hand, its page in a tab, the zip; then collected, graded, marked."""
    page.goto(address)
    page.wait_for_selector("h1:has-text('learn Docker by doing it')", timeout=60_000)
    look(page, "1-page")
    page.click("td a:text-is('02')")
    outputs = run_all(page, tmp_path / Path(lab.FIRST).parent / "02_containers.ipynb", seconds=240)
    assert [output for output in outputs if output["output_type"] == "error"] == []
    look(page, "2-lesson")
    terminal = Terminal(page, address)
    terminal.type("docker run -ti --rm drydock/debian:13 bash", until=r"root@\w{12}:/#")
    look(page, "3-terminal")
    terminal.type("exit", until=r"exit\s")
    do_the_assignment(page, address, tmp_path)
    wish = f"cd {tmp_path}/work/service && drydock submit service --student ada"
    Terminal(page, address).type(wish, until="holds your work")
    look(page, "6-zip")
    [made] = (tmp_path / "work" / "service").glob("service_ada_*.zip")
    assert mark(teacher, made) == 10


def do_the_assignment(page: Page, address: str, folder: Path) -> None:
    """Write the answer over the line that stands in for it, run all, see green, and look at the page in a tab."""
    page.goto(address.replace("/?", "/lab/tree/work/service/service.ipynb?"))
    page.click(".jp-CodeCell .cm-content:has-text('YOUR CODE HERE')", timeout=60_000)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(solution())
    run_all(page, folder / "work" / "service" / "service.ipynb", seconds=120)
    page.wait_for_selector("b:has-text('✔ 1/1') >> nth=2")
    assert page.locator("b:has-text('✘')").count() == 0
    look(page, "4-green")
    tab = page.context.new_page()
    tab.goto(address.replace("/?", "/proxy/8080/?"))
    assert "Today's password is" in tab.inner_text("body")
    look(tab, "5-tab")
    tab.close()


def solution() -> str:
    """The answer as the assignment's source has it, in JupyterLab's own indentation."""
    cells = json.loads((ROOT / "assignments/service/service.ipynb").read_text())["cells"]
    [source] = ["".join(cell["source"]) for cell in cells if cell["id"] == "start-the-service"]
    found = _SOLUTION.search(source)
    assert found is not None
    return found[1]


class Terminal:
    """A terminal in JupyterLab, opened from a launcher with nothing else open."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._came: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))
        page.goto(address.replace("/?", "/lab?reset&"))
        page.click(".jp-LauncherCard:has-text('Terminal')", timeout=60_000)
        page.wait_for_selector(".jp-Terminal .xterm-screen", timeout=30_000)
        self._until(r"[#$] $")
        page.click(".jp-Terminal .xterm-screen")

    def type(self, line: str, until: str) -> None:
        """Type a line, and wait for what comes: the server's words, since the browser has only a picture of them."""
        self._came.clear()
        self._page.keyboard.type(line + "\n")
        self._until(until)

    def _hear(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        if text.startswith('["stdout"'):
            self._came.append(json.loads(text)[1])

    def _until(self, awaited: str) -> None:
        def shown() -> str:
            self._page.evaluate("0")  # lets Playwright tell what has come
            return plain("".join(self._came).encode())

        wait_for(lambda: re.search(awaited, shown()), awaited, seconds=60, every=0.3, seen=shown)


def look(page: Page, name: str) -> None:
    """Keep a picture of the step, if somebody wants one."""
    if _SHOTS:
        page.screenshot(path=Path(_SHOTS) / f"{name}.png")


def mark(course: Course, zipped: Path) -> float:
    """Collect a student's zip, grade it, and read the sum of points from the gradebook."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    shutil.copy(zipped, archive)
    words = [sys.executable, "-m", "nbgrader", "zip_collect", "service"]
    subprocess.run(words, cwd=course.root, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert autograder(["--course", str(course.root), "grade", "service"]) == 0
    with course.gradebook() as book:
        return float(sum(scores(book, "service", "ada").values()))
