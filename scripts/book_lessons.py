"""Lessons and assignments as pages of the book: questions with answers, hints, and pictures in place of widgets."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Sequence
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from drydock.learn import exercises, quiz
from drydock.learn.pages import course_pages
from drydock.learn.quiz import Question
from drydock.student_versions import student_versions
from scripts.execute_lessons import executed
from scripts.lesson_reader import COURSE

#: The course's own pages besides the lessons.
PAGES = ("at-home.md", "glossary.md")
_WIDGET = "application/vnd.jupyter.widget-view+json"
#: A line that asks questions or checks an exercise, with the id it names; without one, the questions for the end.
_PREDICT = re.compile(r"""^lesson\.predict\(["'](.+?)["']\)""", re.MULTILINE)
_RECAP = re.compile(r"^lesson\.recap\(\)", re.MULTILINE)
_CHECK = re.compile(r"""^(?:lesson\.)?check\(["'](.+?)["']\)""", re.MULTILINE)
_NOT_RUN = "*This page shows the task; the cells run in JupyterLab, where each check answers.*"
# nbformat's functions carry no types.
_nbformat: Any = nbformat


def write_lessons(lessons: Sequence[Path], source: Path, run: Collection[Path]) -> None:
    """Write the lessons, and the pages and figures beside them, to the folder ``source/course``.

    Those in ``run`` are executed; the others have no outputs.
    """
    if not lessons:
        return
    folder = source / COURSE.name
    folder.mkdir()
    names = {lesson.stem for lesson in lessons}
    with_outputs = executed([lesson for lesson in lessons if lesson in run])
    for lesson in lessons:
        notebook = with_outputs.get(lesson) or _nbformat.read(lesson, 4)
        page = with_questions(without_widgets(notebook), lesson.stem)
        for cell in page.cells:
            if cell.cell_type == "markdown":
                cell.source = with_links_of_the_book(cell.source, names)
        _nbformat.write(page, folder / lesson.name)
    pages = {name: (COURSE / name).read_text() for name in PAGES} | course_pages.pages(COURSE)
    for name, text in pages.items():
        (folder / name).write_text(with_links_of_the_book(text, names))
    shutil.copytree(COURSE / "figures", folder / "figures")


def write_assignments(root: Path, source: Path, lessons: Collection[str]) -> list[str]:
    """Write the assignments as students get them to the folder ``source/work``; return the names of their pages.

    They link to lessons: to the ``lessons`` that the book has.
    """
    versions = student_versions(root / "assignments", root / "nbgrader_config.py")
    # In the order in which the course's first page names them.
    order = (COURSE / "README.md").read_text().find
    pages = sorted(versions.glob("*/*.ipynb"), key=lambda page: order(f"/{page.name})"))
    for page in pages:
        folder = source / "work" / page.parent.name
        shutil.copytree(page.parent, folder)
        notebook: NotebookNode = _nbformat.read(page, 4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = with_links_of_the_book(cell.source, lessons)
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(_NOT_RUN))
        _nbformat.write(without_widgets(notebook), folder / page.name)
    return [f"work/{page.parent.name}/{page.stem}" for page in pages]


def with_links_of_the_book(text: str, lessons: Collection[str]) -> str:
    """Return Markdown whose links lead to pages of the book: to its first page, and only to ``lessons`` that it has.

    A link to a cell, as JupyterLab understands it, becomes HTML, since Markdown's links lead to headings only.
    """

    def link(match: re.Match[str]) -> str:
        text, folder, lesson, cell = match.groups()
        if lesson not in lessons:
            return text
        return f'<a href="{folder}{lesson}.html#{cell}">{text}</a>' if cell else match[0]

    linked = re.sub(r"\[([^\]]+)\]\(((?:\.\./\.\./course/)?)(\w+)\.ipynb(?:#cell-id=([\w-]+)|[^)]*)\)", link, text)
    return linked.replace("(README.md)", "(../index.md)")


def with_questions(notebook: NotebookNode, lesson: str) -> NotebookNode:
    """Return the notebook with its questions and hints as HTML that needs no kernel and no script."""
    questions, tasks = quiz.load(COURSE, lesson), exercises.load(COURSE, lesson)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        source = cell.source
        if _RECAP.search(source):
            cell.outputs = [_html("".join(map(question_html, questions.recap())))]
        elif match := _PREDICT.search(source):
            cell.outputs = [_html(question_html(questions.find(match[1])))]
        elif match := _CHECK.search(source):
            cell.outputs = [_html(hints_html(tasks.find(match[1]).hints))]
    return notebook


def question_html(question: Question) -> str:
    """Return a question with its answers; what is right, and why, is folded."""
    choices = "".join(f"<li>{_code(answer.text)}</li>" for answer in question.answers)
    reasons = "".join(
        f"<li>{'✔' if answer.correct else '✘'} <strong>{_code(answer.text)}</strong><br>{_code(answer.because)}</li>"
        for answer in question.answers
    )
    return (
        f'<div class="admonition"><p class="admonition-title">{_code(question.ask)}</p><ul>{choices}</ul>'
        f"<details><summary>Answer</summary><ul>{reasons}</ul></details></div>"
    )


def hints_html(hints: Sequence[str]) -> str:
    """Return an exercise's hints, folded; in JupyterLab the check says what it saw."""
    items = "".join(f"<li>{_code(hint)}</li>" for hint in hints)
    return f"<details><summary>Hints</summary><ol>{items}</ol></details>" if hints else ""


def without_widgets(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without widgets, which need a kernel; pictures are HTML, and stay."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":  # without JupyterLab's scripts, a page shows no such diagram
            cell.source = cell.source.replace("```mermaid", "```text")
        else:
            cell.outputs = [
                output for output in joined(cell.get("outputs", [])) if _WIDGET not in output.get("data", {})
            ]
    return notebook


def joined(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell with consecutive pieces of one stream joined, as JupyterLab shows them."""
    whole: list[NotebookNode] = []
    for output in outputs:
        before = whole[-1] if whole else output
        if before is not output and output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            whole.append(output)
    return whole


def _html(text: str) -> NotebookNode:
    new_output: Callable[..., NotebookNode] = nbformat.v4.new_output
    return new_output("display_data", {"text/html": text})


def _code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
