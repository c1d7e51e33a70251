"""Questions with explained answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from drydock.errors import UnknownQuestion
from drydock.learn import quiz
from scripts.lesson_reader import COURSE
from tests.browser import opened

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
    """One right answer is a single choice; each answer brings its feedback; code and emphasis are marked as such."""
    asked = quiz.load(COURSE, "03_ports").find("which-number").for_jupyterquiz()
    assert asked["type"] == "multiple_choice"
    assert "<code>-p 8502:8503</code>" in asked["question"]
    saved = quiz.load(COURSE, "01_containers").find("kill").for_jupyterquiz()
    assert "<em>saved</em>" in saved["question"]
    assert [answer["correct"] for answer in asked["answers"]] == [False, False, True]
    assert all(answer["feedback"] for answer in asked["answers"])


@pytest.mark.browser
def test_a_question_is_answered_without_a_network() -> None:
    """A click shows the reason, and MathJax is left alone, also where JupyterLab has loaded a part of it."""
    question = quiz.load(COURSE, "03_ports").find("which-number")
    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            quiz.show([question])
    finally:
        InteractiveShell.clear_instance()
    [html] = [output.data["text/html"] for output in captured.outputs if "text/html" in output.data]
    [script] = [output.data[mime] for output in captured.outputs for mime in output.data if mime.endswith("javascript")]
    with opened(800, 800) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_content(html)
        page.evaluate(
            "Object.defineProperty(window, 'MathJax', {get() { window.asked = true; return {version: '3'} }})"
        )
        page.evaluate("script => eval(script)", script)
        page.click("text=Nowhere")
        page.wait_for_selector("text=The numbers are mixed up.")
        assert not page.evaluate("window.asked")
        assert errors == []
