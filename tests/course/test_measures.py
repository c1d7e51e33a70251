"""The measures of a lesson, over all lessons."""

from __future__ import annotations

import re

import pytest

from scripts.lesson_measures import measure
from scripts.lesson_reader import COURSE, LESSONS, Lesson

#: Lessons in which Python may lead, since a program reads what no command prints.
PYTHON_MAY_LEAD = {"11_inside", "12_network_wiring", "13_layers", "14_orchestration", "15_docker_machine"}
pytestmark = pytest.mark.parametrize("lesson", LESSONS, ids=str)


def test_it_opens_with_a_problem_and_aims(lesson: Lesson) -> None:
    """Title, problem, aims, needs, and one set-up cell that opens the lesson."""
    opening = [cell.source for cell in lesson.cells[: lesson.cells.index(lesson.code[0])]]
    assert opening[0].startswith("# ")
    assert any("**You will be able to**" in source for source in opening)
    assert any("**You need**" in source for source in opening)
    assert f'lesson = drydock.lesson("{lesson.path.stem}")' in lesson.code[0].source


def test_its_minutes_are_an_estimate_by_words_and_steps(lesson: Lesson) -> None:
    """The opening says how long reading and the exercises take, at most three minutes beside the estimates."""
    stated = re.search(r"(\d+)\s+minutes:\s+(\d+)\s+to\s+read,\s+(\d+)\s+for\s+the\s+exercises", lesson.text)
    assert stated
    together, reading, exercises = map(int, stated.groups())
    assert together == reading + exercises
    assert abs(reading - measure(lesson).reading_minutes) <= 3
    assert abs(exercises - measure(lesson).exercise_minutes) <= 3


def test_text_and_code_are_balanced(lesson: Lesson) -> None:
    """12 to 25 words stand beside a line of code."""
    assert 12 <= measure(lesson).words_per_code_line <= 25


def test_the_command_line_leads(lesson: Lesson) -> None:
    """Command lines run for real, at least two for three lines of docker-py."""
    if lesson.path.stem not in PYTHON_MAY_LEAD:
        assert measure(lesson).cli_lines >= 2 / 3 * measure(lesson).docker_py_lines


def test_every_section_has_live_docker_py(lesson: Lesson) -> None:
    """A section that runs commands has a cell with docker-py, too."""
    assert measure(lesson).sections_without_docker_py == []


def test_there_is_something_to_do(lesson: Lesson) -> None:
    """At least five exercises with a check and a folded solution, three predictions, five recap questions."""
    measured = measure(lesson)
    assert measured.exercises >= 5
    assert measured.solutions == measured.exercises
    assert measured.predictions >= 3
    assert measured.recap_questions >= 5


def test_a_figure_comes_before_the_first_result(lesson: Lesson) -> None:
    """A picture of the idea stands before the first cell that runs a command, and its file is there."""
    figures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", measure(lesson).text_before_first_command)
    assert figures
    assert all((COURSE / figure).is_file() for figure in figures)


def test_it_leads_on(lesson: Lesson) -> None:
    """At least three links with a description, a cheat sheet, troubleshooting, and the next lesson."""
    headings = [line for line in lesson.text.splitlines() if line.startswith("## ")]
    for heading in ("## Recap", "## Cheat sheet", "## When it goes wrong", "## Further reading"):
        assert heading in headings
    further = lesson.text.split("## Further reading", 1)[1]
    assert len(re.findall(r"^- \[[^\]]+\]\(https://[^)]+\)[:,.] *\n? *\S", further, re.MULTILINE)) >= 3
    assert "**Next:**" in lesson.text


def test_helpers_are_few_and_short(lesson: Lesson) -> None:
    """A lesson defines at most three functions, of at most four lines."""
    helpers = measure(lesson).helpers
    assert len(helpers) <= 3
    assert all(len(body.splitlines()) <= 4 for body in helpers)


def test_bold_terms_are_in_the_glossary(lesson: Lesson) -> None:
    """Every term that is set in bold in running text has an entry in the glossary."""
    glossary = (COURSE / "glossary.md").read_text().lower()
    assert [term for term in lesson.terms if f"## {term.lower()}\n" not in glossary] == []


def test_the_notes_stay_in_asides(lesson: Lesson) -> None:
    """The main text stands without the lecture notes: they are named in folded asides only."""
    assert measure(lesson).mentions_of_the_notes == 0
