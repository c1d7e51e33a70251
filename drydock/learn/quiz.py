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

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from drydock.errors import UnknownQuestion

Kind = Literal["prediction", "recap"]


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
            {"answer": answer.text, "correct": answer.correct, "feedback": answer.because} for answer in self.answers
        ]
        return {"question": self.ask, "type": kind, "answers": answers}


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
    return Quiz(lesson, tuple(map(Question.from_toml, tomllib.loads(file.read_text())["question"])))


def show(questions: Sequence[Question]) -> None:
    """Show questions below the cell; a chosen answer shows at once whether it is right, and why."""
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz  # type: ignore[import-untyped]

    with capture_output() as captured:
        display_quiz([question.for_jupyterquiz() for question in questions], shuffle_answers=False, max_width=720)
    for output in captured.outputs:
        script = (output.data or {}).get("application/javascript")
        if script is not None:
            output.data["application/javascript"] = _without_mathjax(script)
        output.display()  # type: ignore[no-untyped-call]


def _without_mathjax(script: str) -> str:
    """Return jupyterquiz's script in a function where MathJax is undefined.

    jupyterquiz downloads MathJax where JupyterLab has loaded its own. Lessons run offline, and have no formulas.
    """
    return f"(function (MathJax) {{\n{script}\n}})();"
