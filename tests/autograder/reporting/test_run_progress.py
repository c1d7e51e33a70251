"""What is seen while a class is graded."""

from __future__ import annotations

import io

from rich.console import Console

from autograder.reporting import run_progress
from autograder.reporting.run_progress import ProgressDisplay
from autograder.submission import Submission
from tests.autograder.reporting.test_tables import verdict


def work(student: str) -> Submission:
    """Return a student's submission."""
    return Submission(student, "service", b"")


def screen(shown: ProgressDisplay, height: int = 24) -> list[str]:
    """The lines of a terminal of that height."""
    console = Console(width=100, height=height, record=True, force_terminal=True, file=io.StringIO())
    console.print(shown)
    return console.export_text().splitlines()


def test_it_shows_who_is_at_work_and_who_came_last() -> None:
    """With state, points and seconds, the newest first."""
    shown = ProgressDisplay("service", 4)
    for student in ("ada", "bob", "eve"):
        shown.started(work(student), 1)
    shown.finished(verdict("ada"))
    shown.finished(verdict("bob", "crashed", "failed"))
    lines = screen(shown)
    [running] = [line for line in lines if "eve" in line]
    assert "running" in running
    after = [line.split() for line in lines if line.startswith(("ada", "bob"))]
    assert after[0][:5] == ["bob", "crashed", "0", "/", "10"]
    assert after[1][:7] == ["ada", "graded", "10", "/", "10", "7", "s"]
    assert "2 of 4" in lines[0]
    assert "left" in lines[0]


def test_another_try_is_told() -> None:
    """Somebody who waits should know why it takes longer."""
    shown = ProgressDisplay("service", 1)
    shown.started(work("ada"), 1)
    shown.started(work("ada"), 2)
    assert any("try 2" in line for line in screen(shown))


def test_five_hundred_students_fit_a_small_terminal() -> None:
    """Also while sixty are at work at once, on a cluster."""
    shown = ProgressDisplay("service", 500)
    for number in range(500):
        shown.started(work(f"student-{number}"), 1)
        if number < 440:
            shown.finished(verdict(f"student-{number}", "graded" if number % 9 else "timed-out"))
    lines = screen(shown, height=24)
    assert len(lines) <= 24
    assert any("more" in line for line in lines)
    assert "440 of 500" in lines[0]
    assert "graded 391   timed-out 49" in lines[1]


def test_what_was_known_before_is_counted_apart() -> None:
    """And says nothing about how long the rest takes."""
    shown = ProgressDisplay("service", 3)
    shown.finished(verdict("ada"))
    assert shown.time_left() is None
    assert "known before 1" in screen(shown)[1]
    shown.started(work("bob"), 1)
    shown.finished(verdict("bob"))
    assert shown.time_left() is not None


def test_without_a_terminal_it_is_a_line_for_each() -> None:
    """That a person or a log can read."""
    shown = ProgressDisplay("service", 2)
    shown.started(work("ada"), 1)
    shown.finished(verdict("ada"))
    assert shown.line(verdict("ada")).startswith("1/2 ada: graded, 10 / 10, 7 s")
    nowhere = Console(file=io.StringIO())
    with run_progress.shown(shown, nowhere):
        pass
    assert nowhere.file.getvalue() == ""  # type: ignore[attr-defined]


def test_in_a_terminal_it_is_gone_when_the_table_comes() -> None:
    """What it drew is taken away again."""
    screen = io.StringIO()
    with run_progress.shown(ProgressDisplay("service", 2), Console(file=screen, force_terminal=True)):
        pass
    assert "service" in screen.getvalue()
    assert screen.getvalue().rstrip().endswith("\x1b[2K")
