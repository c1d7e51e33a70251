"""Questions with explained answers: predictions before a result, and a recap at the end of a lesson.

They are in ``course/quizzes/<lesson>.toml``::

    [[question]]
    id = "which-number"
    kind = "prediction"            # or "recap"
    ask = "Which number comes first in `-p 8500:80`?"
    answers = [
        { text = "The host's port", correct = true, because = "`-p` takes host:container." },
        { text = "The container's port", because = "That one comes second." },
    ]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.checks.selfcheck import coded
from drydock.errors import UnknownQuestion

Kind = Literal["prediction", "recap"]
_EMPHASIS = re.compile(r"(?<![\w*>/.:])\*(\w[^*<>]*)\*(?![\w*])")
#: Questions look like the lesson around them, in its size and colours, on light and dark pages. An answer is marked by
#: a sign and a border: coloured text would be hard to read on one of them. The focus of the keyboard can be seen.
_STYLE = """<style>
.Quiz.Quiz {margin: 8px 0; font-size: inherit; line-height: 1.5}
.Quiz .MultipleChoiceQn, .Quiz .ManyChoiceQn {background: #8b949e26; color: inherit}
.Quiz .Answer {margin: 8px 0; gap: 8px}
.Quiz .MCButton {background: none; color: inherit; border-color: #8b949e; padding: 6px 10px; font-size: inherit}
.Quiz .MCButton:hover {background: #8b949e26}
.Quiz .MCButton:focus-within {outline: 2px solid #3b82f6; outline-offset: 1px}
.Quiz .MCButton.correctButton {animation: none; border: 2px solid #2da44e}
.Quiz .MCButton.incorrectButton {animation: none; border: 2px solid #e5484d}
.Quiz .Feedback.Feedback {font-size: inherit; text-align: left; color: inherit; min-height: 1.5em; padding-left: 12px}
.Quiz .Feedback.correct {border-left: 4px solid #2da44e}
.Quiz .Feedback.incorrect {border-left: 4px solid #e5484d}
.Quiz .Feedback.correct::before {content: "✔ Right. "; font-weight: bold}
.Quiz .Feedback.incorrect::before {content: "✘ Not this one. "; font-weight: bold}
.Quiz code, .Quiz .MCButton code {background: #8b949e26; color: inherit; padding: 0 3px}
</style>"""


@dataclass(frozen=True)
class Answer:
    """One answer to choose, and why it is right or wrong."""

    text: str
    because: str
    correct: bool = False


@dataclass(frozen=True)
class Question:
    """A question with answers, of which at least one is right."""

    id: str
    kind: Kind
    ask: str
    answers: tuple[Answer, ...]

    @classmethod
    def from_toml(cls, entry: Mapping[str, Any]) -> Question:
        """Return the question of one table of the file; a key too many or too few is an error."""
        answers = tuple(Answer(**answer) for answer in entry["answers"])
        return cls(**{**entry, "answers": answers})

    def for_jupyterquiz(self) -> dict[str, Any]:
        """Return it in jupyterquiz's form."""
        kind = "many_choice" if sum(answer.correct for answer in self.answers) > 1 else "multiple_choice"
        answers = [
            {"answer": _html(answer.text), "correct": answer.correct, "feedback": _html(answer.because)}
            for answer in self.answers
        ]
        return {"question": _html(self.ask), "type": kind, "answers": answers}


@dataclass(frozen=True)
class Quiz:
    """The questions of one lesson, in the order in which they come."""

    lesson: str
    questions: tuple[Question, ...] = ()

    def find(self, id: str) -> Question:
        """Return the question with this id; raise :class:`~drydock.errors.UnknownQuestion`."""
        for question in self.questions:
            if question.id == id:
                return question
        raise UnknownQuestion(id, [question.id for question in self.questions])

    def recap(self) -> list[Question]:
        """Return the questions for the end of the lesson."""
        return [question for question in self.questions if question.kind == "recap"]


def load(course: Path, lesson: str) -> Quiz:
    """Return the questions in ``course/quizzes/<lesson>.toml``; none where a lesson has no such file."""
    file = course / "quizzes" / f"{lesson}.toml"
    if not file.is_file():
        return Quiz(lesson)
    return Quiz(lesson, tuple(map(Question.from_toml, tomllib.loads(file.read_text(encoding="utf-8"))["question"])))


def show(questions: Sequence[Question]) -> None:
    """Show questions below the cell; a chosen answer shows at once whether it is right, and why."""
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz  # type: ignore[import-untyped]

    with capture_output() as captured:
        display_quiz([question.for_jupyterquiz() for question in questions], shuffle_answers=False, max_width=720)
    for output in captured.outputs:
        if "application/javascript" in output.data:
            output.data["application/javascript"] = _without_mathjax(output.data["application/javascript"])
        if "text/html" in output.data:
            output.data["text/html"] += _STYLE
        output.display()  # type: ignore[no-untyped-call]


def _html(text: str) -> str:
    """Return a text of the file as HTML: `words` are code, *words* are emphasised."""
    return _EMPHASIS.sub(r"<em>\1</em>", coded(text))


def _without_mathjax(script: str) -> str:
    """Return jupyterquiz's script in a function where MathJax is undefined.

    jupyterquiz downloads MathJax where JupyterLab has loaded its own. Lessons run offline, and have no formulas.
    """
    return f"(function (MathJax) {{\n{script}\n}})();"
