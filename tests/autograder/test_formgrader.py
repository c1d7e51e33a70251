"""formgrader in a real browser: its own buttons grade, and make and release feedback, with our plug-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from autograder.gradebook.course import Course
from autograder.gradebook.grades import grade_of
from drydock.core.waiting import wait_for
from tests.autograder.conftest import notebook_named, submit_notebook
from tests.autograder.test_nbgrader import Formgrader, Office, jupyter_server
from tests.browser import opened

#: Milliseconds for a page on a busy computer, and for autograding, which boots a machine.
_PAGE, _PATIENCE = 60_000, 240_000
COMMENT = "How would you notice at night?"


def submit(office: Office, notebook: bytes) -> None:
    """Release `service` and have Ada submit through the exchange, which formgrader's server knows, too."""
    config = office.course.root / "nbgrader_config.py"
    config.write_text(f'{config.read_text()}\nc.Exchange.root = "{office.exchange}"\n')
    office.course.release("service")
    submit_notebook(office.course, "ada", notebook)
    folder = office.course.folder("submitted", "ada", "service")
    (folder / "timestamp.txt").write_text("2026-11-28 09:00:00.000000 UTC")
    (folder / "submission_secret.txt").write_text("s3cret")


def press(page: Page, button: str, success: str) -> None:
    """Press a button in Ada's row, and wait for the dialog that says what came of it."""
    page.locator(f"#main-table tr:has(.student-id:text-is('ada')) .{button} a").click()
    dialog = page.locator(".modal-dialog")
    dialog.wait_for(timeout=_PATIENCE)
    assert success in dialog.inner_text()
    dialog.get_by_role("button", name="OK").click()
    dialog.wait_for(state="detached")


def give_points(page: Page, client: Formgrader, student: str, reason: str) -> None:
    """Open a notebook, read what the checks saw and the advice below the answer, and give points and a comment."""
    notebooks = client.get("submitted_notebooks/service/service")
    notebook = next(entry for entry in notebooks if entry["student"] == student)
    page.get_by_role("link", name="Manual Grading").click()
    for link in ("service", "service", f"Submission #{notebook['index'] + 1}"):
        page.locator("#main-table").get_by_role("link", name=link).click()
    score = page.locator("#service-in-words")
    expect(score).to_be_editable(timeout=_PAGE)
    expect(page.get_by_text("Marking advice (students don't see it)")).to_be_visible(timeout=_PAGE)
    expect(page.get_by_text("2 points: a failure that a restart policy does not repair")).to_be_visible(timeout=_PAGE)
    expect(page.get_by_text(reason)).to_be_visible(timeout=_PAGE)
    score.fill("1.5")
    score.press("Enter")
    page.locator("#service-in-words-comment").fill(COMMENT)
    page.locator("#service-in-words-comment").press("Tab")
    saved(client, notebook["id"], "grades", lambda row: row["manual_score"] == 1.5)
    saved(client, notebook["id"], "comments", lambda row: row["manual_comment"] == COMMENT)


def saved(client: Formgrader, notebook: str, kind: str, fits: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until formgrader has stored what the browser sent."""

    def stored() -> bool:
        rows = client.get(kind, submission_id=notebook)
        return any(row["name"] == "service-in-words" and fits(row) for row in rows)

    wait_for(stored, f"the stored {kind}", seconds=30)


@contextmanager
def submissions_page(office: Office) -> Iterator[tuple[Page, Formgrader]]:
    """Open formgrader's table of submissions of `service` in a browser; and a client of the same server."""
    with (
        jupyter_server(office) as (address, token),
        closing(Formgrader(address, token)) as client,
        opened(1200, 1000) as page,
    ):
        page.goto(f"{address}/login?token={token}")  # sets the cookie that the page needs for its own requests
        page.goto(f"{address}/formgrader/manage_submissions/service")
        yield page, client


def press_all(course: Course, folders: pytest.TempPathFactory, notebook: bytes, reason: str, score: str) -> None:
    """Autograde, give points by hand beside the advice, make and release feedback; look at the student's page."""
    office, pictures = Office(course, folders.mktemp("office")), folders.mktemp("pictures")
    submit(office, notebook)
    with submissions_page(office) as (page, client):
        address = page.url
        expect(page.get_by_text("needs autograding")).to_be_visible(timeout=_PAGE)
        press(page, "autograde", "Successfully autograded")
        expect(page.get_by_text("needs manual grading")).to_be_visible(timeout=_PAGE)
        page.screenshot(path=pictures / "submissions.png")
        give_points(page, client, "ada", reason)
        page.screenshot(path=pictures / "grading.png", full_page=True)
        page.goto(address)
        press(page, "generate-feedback", "Successfully generated feedback")
        press(page, "release-feedback", "Successfully released feedback")
        page.goto((course.folder("feedback", "ada", "service") / "service.html").as_uri())
        expect(page.get_by_text(f"Score: {score} / 12.0")).to_be_visible(timeout=_PAGE)
        expect(page.get_by_text(COMMENT)).to_be_visible(timeout=_PAGE)
        assert page.get_by_text("Marking advice").count() == 0
        page.screenshot(path=pictures / "feedback.png", full_page=True)
    [released] = (office.exchange / "drydock" / "feedback").glob("*.html")
    assert COMMENT in released.read_text()
    with course.gradebook() as book:
        grade = grade_of(book, "service", "ada")
    assert grade is not None
    assert (f"{grade.score}", grade.to_come) == (score, 0)


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_the_buttons_without_a_machine(course: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What can't be read has a reason, and a person may give points for the open question all the same."""
    press_all(course, tmp_path_factory, b"no notebook", "it is not JSON", "1.5")


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_the_buttons_with_a_machine(course: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A near miss: the check's reason stands below its cell, and its points and a person's are added."""
    press_all(course, tmp_path_factory, notebook_named("no-limit"), "It has no limit.", "10.5")
