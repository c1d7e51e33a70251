"""What a student sees: ``drydock lab`` in a real browser, from its first page to its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from drydock import lab
from scripts.lesson_reader import COURSE, LESSONS
from tests.browser import complaints
from tests.course.browsing import address, open_lesson, page, run_all

__all__ = ["address", "page"]

pytestmark = [pytest.mark.browser, pytest.mark.host]


def test_a_student_opens_the_course_and_runs_the_first_lesson(address: str, page: Page, tmp_path: Path) -> None:
    """The page of the course is first, with a terminal below it; the first lesson runs whole, and no error is seen."""
    wrong = complaints(page)
    page.goto(address)
    page.wait_for_selector("h1:has-text('learn Docker by doing it')", timeout=60_000)
    assert f"/lab/tree/{COURSE.name}" in page.url
    assert page.locator("text=Jupyter news").count() == 0
    assert top(page, ".jp-MarkdownViewer") < top(page, ".jp-Terminal .xterm-screen")
    open_lesson(page, "00")
    assert top(page, ".jp-Notebook") < top(page, ".jp-Terminal .xterm-screen")
    outputs = run_all(page, tmp_path / lab.FIRST.replace("README.md", LESSONS[0].path.name), seconds=240)
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert wrong == []


def top(page: Page, part: str) -> float:
    """Wait for a part of the page, and return the distance from the top of the window, in pixels."""
    page.wait_for_selector(part, timeout=60_000)
    box = page.locator(part).first.bounding_box()
    assert box is not None
    return box["y"]
