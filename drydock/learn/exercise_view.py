"""What a student sees of an exercise's check: the result, and hints on request."""

from __future__ import annotations

from html import escape
from typing import Any

from autograder.checks.selfcheck import coded
from autograder.verdict import Result
from drydock.core.ipython import display_widget, has_kernel
from drydock.learn.exercises import Exercise

#: Of a medium brightness, as the pictures' colours, to be readable on light and dark pages.
_COLOURS = {"passed": "#2da44e", "failed": "#e5484d", "error": "#d9822b"}
_SIGNS = {"passed": "✔", "failed": "✘", "error": "!"}
_HEADS = {"passed": "Done.", "failed": "Not yet.", "error": "The check itself failed."}


class ExerciseView:
    """A check's result as text and as HTML, with a button for the next hint where there are widgets."""

    def __init__(self, exercise: Exercise, result: Result) -> None:
        self.exercise = exercise
        self.result = result

    @property
    def passed(self) -> bool:
        """Whether the exercise is done."""
        return self.result.state == "passed"

    def __repr__(self) -> str:
        lines = [f"{_SIGNS[self.result.state]} {_HEADS[self.result.state]} {self.exercise.goal}"]
        lines += [f"  {label}: {text}" for label, text in self._details() if text]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        colour, sign = _COLOURS[self.result.state], _SIGNS[self.result.state]
        details = "".join(f"<div><b>{label}:</b> {coded(text)}</div>" for label, text in self._details() if text)
        return (
            f'<div style="border-left:4px solid {colour};padding:4px 12px;margin:6px 0">'
            f'<b><span style="color:{colour}" aria-hidden="true">{sign}</span> {_HEADS[self.result.state]}</b> '
            f"{coded(self.exercise.goal)}{details}</div>"
        )

    def _details(self) -> list[tuple[str, str]]:
        return [("Seen", self.result.reason), ("Try", self.result.hint)]

    def show(self) -> None:
        """Show it below the cell, with a button for hints while the exercise isn't done."""
        from IPython.display import display

        display(self)  # type: ignore[no-untyped-call]
        if not self.passed and self.exercise.hints and has_kernel():
            display_widget(hint_button(self.exercise))


def hint_button(exercise: Exercise) -> Any:
    """Return a button that shows the exercise's hints, one more with each click."""
    import ipywidgets as widgets  # type: ignore[import-untyped]

    shown = widgets.HTML()
    button = widgets.Button(description=_label(0, len(exercise.hints)), icon="lightbulb-o")
    count = 0

    def show_next(_: object) -> None:
        nonlocal count
        count += 1
        items = "".join(f"<li>{coded(hint)}</li>" for hint in exercise.hints[:count])
        shown.value = f'<div class="jp-RenderedHTMLCommon"><ol style="margin:4px 0">{items}</ol></div>'
        button.description = _label(count, len(exercise.hints))
        button.disabled = count == len(exercise.hints)

    button.on_click(show_next)
    return widgets.VBox([shown, button])


def hint_text(exercise: Exercise, number: int) -> str:
    """Return hint ``number`` (from 1) as a line; the last one again where there are no more."""
    if not exercise.hints:
        return "This exercise has no hints."
    place = min(number, len(exercise.hints))
    return f"Hint {place} of {len(exercise.hints)}: {exercise.hints[place - 1]}"


def _label(shown: int, total: int) -> str:
    return f"Hint ({shown + 1} of {total})" if shown < total else "No more hints"


def summary_html(rows: list[tuple[str, str, bool]]) -> str:
    """Return a list of exercises as HTML: id, goal and whether it is done."""
    items = "".join(
        f"<li>{'✔' if done else '○'} {coded(goal)} <small>{escape(id)}</small></li>" for id, goal, done in rows
    )
    return f'<ul style="list-style:none;padding-left:4px">{items}</ul>'
