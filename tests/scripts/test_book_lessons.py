"""The lessons and assignments as pages of the book."""

from __future__ import annotations

from pathlib import Path

import nbformat

from drydock.learn import exercises, quiz
from drydock.learn.quiz import Answer, Question
from scripts import book_lessons
from scripts.lesson_reader import COURSE
from tests.architecture.tree import ROOT, folders


def test_pieces_of_a_stream_are_joined() -> None:
    """Consecutive pieces of one stream become one output; another stream or a result stays separate."""
    pieces = [("stdout", "web-2"), ("stdout", " runs\n"), ("stderr", "oh"), ("stdout", "end")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]
    outputs.insert(3, nbformat.v4.new_output("display_data", {"text/plain": "1"}))
    joined = book_lessons.joined(outputs)
    assert [output.get("text") for output in joined] == ["web-2 runs\n", "oh", None, "end"]


def test_a_widget_is_left_out() -> None:
    """A page has no kernel; the picture in another output of the cell stays."""
    widget = nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "x"})
    picture = nbformat.v4.new_output("display_data", {"text/html": "<svg/>"})
    cell = nbformat.v4.new_code_cell("1", outputs=[picture, widget])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    page = book_lessons.without_widgets(notebook)
    assert page.cells[0].outputs == [picture]
    assert "widgets" not in page.metadata


def test_questions_and_hints_need_no_kernel() -> None:
    """Each question is readable with its answers folded, and a check has the exercise's hints, folded."""
    lesson = "03_ports"
    questions, tasks = quiz.load(COURSE, lesson), exercises.load(COURSE, lesson)
    asked = next(question for question in questions.questions if question.kind == "prediction")
    task = next(iter(tasks))
    sources = [f'lesson.predict("{asked.id}")', "lesson.recap()", f'check("{tasks.id_of(task)}")', "1"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    page = book_lessons.with_questions(nbformat.v4.new_notebook(cells=cells), lesson)
    prediction, recap, check, other = [[output.data["text/html"] for output in cell.outputs] for cell in page.cells]
    assert prediction[0].count("<details>") == 1
    assert recap[0].count("<details>") == len(questions.recap())
    assert check[0].count("<li>") == len(task.hints)
    assert other == []


def test_a_question_is_escaped() -> None:
    """Code is code, and every other character is text."""
    answers = (Answer("`a` <b>", "It & so.", correct=True), Answer("c", "No."))
    html = book_lessons.question_html(Question("q", "recap", "Is `x` < y?", answers))
    assert "Is <code>x</code> &lt; y?" in html
    assert "✔ <strong><code>a</code> &lt;b&gt;</strong><br>It &amp; so." in html
    assert "✘ <strong>c</strong>" in html


def test_links_lead_to_pages_of_the_book() -> None:
    """A link to a lesson that this book lacks becomes text, and one to the course's page leads to the first page."""
    text = "[one](01_a.ipynb#x), [two](02_b.ipynb), [all](README.md), [away](https://example.com)"
    expected = "[one](01_a.ipynb#x), two, [all](../index.md), [away](https://example.com)"
    assert book_lessons.with_links_of_the_book(text, {"01_a"}) == expected
    cells = "[one](01_a.ipynb#cell-id=x-y), [two](02_b.ipynb#cell-id=z)"
    assert book_lessons.with_links_of_the_book(cells, {"01_a"}) == '<a href="01_a.html#x-y">one</a>, two'


def test_assignments_come_without_solutions(tmp_path: Path) -> None:
    """Each assignment is a page as students get it, in the order of the course, at the path it has in their folder.

    It links to the lessons that the book has.
    """
    pages = book_lessons.write_assignments(ROOT, tmp_path, {"03_ports"})
    assert pages[0] == "work/service/service"
    assert {Path(page).stem for page in pages} == folders("assignments")
    for page in pages:
        text = (tmp_path / f"{page}.ipynb").read_text()
        assert "BEGIN SOLUTION" not in text
        assert "This page shows the task" in text
    service = (tmp_path / "work" / "service" / "service.ipynb").read_text()
    assert "[03 ports](../../course/03_ports.ipynb)" in service
    assert "04_limits.ipynb" not in service
