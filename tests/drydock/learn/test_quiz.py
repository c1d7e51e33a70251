"""Questions with explained answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.errors import UnknownQuestion
from drydock.learn import quiz
from scripts.lesson_reader import COURSE

FILES = sorted((COURSE / "quizzes").glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_question_can_be_answered_and_every_answer_is_explained(file: Path) -> None:
    """A right answer and a wrong one, each with a reason; ids stand once."""
    questions = quiz.load(COURSE, file.stem).questions
    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        assert {answer.correct for answer in question.answers} == {True, False}, question.id
        assert all(answer.because.endswith(".") for answer in question.answers), question.id


def test_a_question_is_found_by_its_id() -> None:
    """Another id is refused with those there are."""
    ports = quiz.load(COURSE, "03_ports")
    assert ports.find("private-port").kind == "prediction"
    assert [question.kind for question in ports.recap()] == ["recap"] * 5
    with pytest.raises(UnknownQuestion, match="private-port"):
        ports.find("nothing")


def test_a_lesson_may_have_none(tmp_path: Path) -> None:
    """A lesson without a file of questions has no questions."""
    assert quiz.load(tmp_path, "03_ports").questions == ()


def test_jupyterquiz_gets_its_own_form() -> None:
    """One right answer is a single choice; each answer brings its feedback."""
    asked = quiz.load(COURSE, "03_ports").find("which-number").for_jupyterquiz()
    assert asked["type"] == "multiple_choice"
    assert [answer["correct"] for answer in asked["answers"]] == [False, False, True]
    assert all(answer["feedback"] for answer in asked["answers"])
