"""What a student sees of an exercise's check."""

from __future__ import annotations

from autograder.verdict import Result
from drydock.learn.exercise_view import ExerciseView, hint_button, hint_text, summary_html
from drydock.learn.exercises import Exercise


def goal(context: object) -> None:
    """Container `first` is <published>."""


EXERCISE = Exercise(goal, ("Look.", "Look `there`."))
FAILED = Result("03_ports.goal", "", 1, "failed", "It is <not>.", "Which option?")


def test_a_failed_check_says_what_was_seen() -> None:
    """As text, and as HTML in which every word is escaped and code is code."""
    view = ExerciseView(EXERCISE, FAILED)
    assert not view.passed
    assert repr(view).splitlines() == [
        "✘ Not yet. Container `first` is <published>.",
        "  Seen: It is <not>.",
        "  Try: Which option?",
    ]
    html = view._repr_html_()
    assert "<code>first</code>" in html
    assert "&lt;published&gt;" in html
    assert "<not>" not in html


def test_hints_come_one_after_the_other() -> None:
    """By the button until there are no more, and as lines."""
    box = hint_button(EXERCISE)
    shown, button = box.children
    button.click()
    assert "Look." in shown.value
    assert "there" not in shown.value
    button.click()
    assert "<code>there</code>" in shown.value
    assert button.disabled
    assert [hint_text(EXERCISE, number) for number in (1, 2, 3)] == [
        "Hint 1 of 2: Look.",
        "Hint 2 of 2: Look `there`.",
        "Hint 2 of 2: Look `there`.",
    ]


def test_a_summary_ticks_what_is_done() -> None:
    """A tick for what is done, a circle for what is not."""
    html = summary_html([("03_ports.a", "Do a.", True), ("03_ports.b", "Do b.", False)])
    assert "✔ Do a." in html
    assert "○ Do b." in html
