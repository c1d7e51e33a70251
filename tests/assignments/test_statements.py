"""The statements of the assignments: all have one form, each requirement belongs to a check, and lessons teach it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from autograder.checks.assignment import known
from scripts.lesson_reader import COURSE, LESSONS, Cell, Lesson
from tests.architecture import vocabulary
from tests.architecture.tree import ROOT
from tests.fixtures.notebooks import checks_of, source

each_assignment = pytest.mark.parametrize("assignment", known(ROOT / "assignments"))

SECTIONS = (
    "Warm-up",
    "Requirements",
    "In your own words",
    "Stretch",
    "When it goes wrong",
    "Before you submit",
)
PARTS = ("Learning goals", "The open question", "Common wrong turns", "Discussion")
_LINKED = re.compile(r"\]\(\.\./\.\./course/(\w+)\.ipynb\)")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
#: Keys of a compose file below which names are the author's own.
_OWN_NAMES = {"services", "networks", "volumes", "secrets", "configs", "environment", "labels", "depends_on"}


def statement(assignment: str) -> Lesson:
    """Return an assignment's notebook, read as a lesson is."""
    return Lesson(ROOT / "assignments" / assignment / f"{assignment}.ipynb")


def section(assignment: str, title: str) -> list[Cell]:
    """Return the cells below a heading, the heading's own included."""
    cells = statement(assignment).cells
    starts = [place for place, cell in enumerate(cells) if not cell.is_code and cell.source.startswith("## ")]
    [start] = [place for place in starts if cells[place].lines[0] == f"## {title}"]
    return cells[start : min([place for place in starts if place > start], default=len(cells))]


def instructor_page(assignment: str) -> str:
    """Return the text of the page for instructors beside the notebook."""
    return (ROOT / "assignments" / assignment / "instructor.md").read_text()


@each_assignment
def test_it_opens_with_a_problem_goals_and_needs(assignment: str) -> None:
    """A title, one paragraph, what the student will do and needs, and the lessons by links that lead somewhere."""
    opening = statement(assignment).cells[:2]
    assert re.fullmatch(r"# [A-Z][^\n]+\n\n(?:[^\n]+\n?)+", opening[0].source)
    assert "**You will**" in opening[1].source
    needs = opening[1].source.partition("**You need**")[2]
    assert _LINKED.findall(needs)
    assert {*_LINKED.findall(statement(assignment).text)} <= {str(lesson) for lesson in LESSONS}


@each_assignment
def test_its_time_is_an_estimate_by_words_and_steps(assignment: str) -> None:
    """120 words a minute, three minutes a requirement, five each for the warm-up and the open question."""
    words = sum(cell.words for cell in statement(assignment).prose)
    estimate = words / 120 + 3 * len(checks_of(assignment)) + 10
    stated = re.search(r"(\d+)\s+minutes\s+\(an\s+estimate", statement(assignment).text)
    assert stated
    assert abs(int(stated[1]) - estimate) <= 5


@each_assignment
def test_requirements_are_the_checks(assignment: str) -> None:
    """They are numbered from 1, one for each check in the checks' order; the number and the points stand above it."""
    cells, checks = statement(assignment).cells, checks_of(assignment)
    text = statement(assignment).unfolded
    assert [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)] == [*range(1, len(checks) + 1)]
    places = [place for place, cell in enumerate(cells) if cell.is_code and cell.source.startswith("check(")]
    assert [cells[place].source for place in places] == [f'check("{check.id}")' for check in checks]
    for number, (check, place) in enumerate(zip(checks, places, strict=True), 1):
        points = f"**{check.points:g} point{'s' * (check.points != 1)}**"
        assert re.search(rf"Requirement {number}\b", cells[place - 1].source), check.id
        assert points in cells[place - 1].source, check.id


@each_assignment
def test_it_has_all_sections(assignment: str) -> None:
    """In this order; the page on mistakes has at least three real messages."""
    headings = [cell.lines[0] for cell in statement(assignment).prose if cell.source.startswith("## ")]
    wanted = [f"## {title}" for title in SECTIONS]
    assert [heading for heading in headings if heading in wanted] == wanted
    messages = "\n".join(cell.source for cell in section(assignment, "When it goes wrong"))
    assert len(re.findall(r"^- \*\*", messages, re.MULTILINE)) >= 3


@each_assignment
def test_the_warm_up_runs_and_leaves_nothing(assignment: str) -> None:
    """One cell to run and one to try, without points or a solution; its containers are removed at once."""
    cells = [cell for cell in section(assignment, "Warm-up") if cell.is_code]
    assert len(cells) >= 2
    graded = {cell["id"] for cell in source(assignment).cells if "nbgrader" in cell.metadata}
    assert not graded & {cell.name for cell in cells}
    commands = [command for cell in cells for command in re.findall(r"(docker run|containers\.run\()(.*)", cell.source)]
    assert [words for _, words in commands if "--rm" not in words and "remove=True" not in words] == []


@each_assignment
def test_lessons_teach_what_the_solution_needs(assignment: str) -> None:
    """Each flag, instruction, docker-py argument and compose key is in a named lesson, or in an earlier one."""
    last = max(_LINKED.findall(statement(assignment).cells[1].source.partition("**You need**")[2]))
    files = [file for folder in (COURSE / "files").iterdir() if folder.name <= last for file in folder.rglob("*")]
    taught = [lesson.path.read_text() for lesson in LESSONS if str(lesson) <= last]
    taught += [file.read_text(errors="replace") for file in files if file.is_file()]
    text = "\n".join(taught)
    assert [word for word in needed(assignment) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)] == []


def needed(assignment: str) -> list[str]:
    """Return what the solution uses of Docker."""
    words: set[str] = set()
    for cell in statement(assignment).code:
        text = "\n".join(_SOLUTION.findall(cell.source))
        if cell.source.startswith("%%writefile Dockerfile"):
            words.update(re.findall(r"^([A-Z]{3,})\b", text, re.MULTILINE))
            words.update(re.findall(r"^[A-Z]{3,} (--[a-z]+)", text, re.MULTILINE))
        elif cell.source.startswith("%%writefile compose"):
            words.update(f"{key}:" for key in compose_keys(yaml.safe_load(text)))
        elif not cell.source.startswith("%%"):
            for line in re.findall(r"^!docker .*(?:\\\n.*)*", text, re.MULTILINE):
                words.update(re.findall(r"(?<!\S)--?[a-z][a-z-]*", line))
            words.update(docker_py_arguments(re.sub(r"^!.*(?:\\\n.*)*", "", text, flags=re.MULTILINE)))
    return sorted(words)


def docker_py_arguments(code: str) -> Iterator[str]:
    """Yield the names of the arguments of calls on ``client``."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("client."):
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def compose_keys(value: Any, *, own: bool = False) -> Iterator[str]:
    """Yield the keys of a compose file that are Compose's, not the author's own names."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if not own and not key.startswith("x-"):
            yield key
        yield from compose_keys(inner, own=key in _OWN_NAMES and not own)


def test_a_solution_is_read() -> None:
    """Flags, instructions, arguments and keys are found, and names of the author's own are not."""
    assert {"FROM", "HEALTHCHECK", "--from"} <= {*needed("dockerfile")}
    assert {"mem_limit", "ports"} <= {*needed("service")}
    file = {"services": {"mine": {"image": "x", "environment": {"A": "b"}}}, "volumes": {"data": {"external": True}}}
    assert [*compose_keys(file)] == ["services", "image", "environment", "volumes", "external"]


@each_assignment
def test_it_is_in_the_fields_words(assignment: str) -> None:
    """No term of the old private language is in the statement."""
    text = "\n".join(cell.source for cell in statement(assignment).cells)
    assert [str(hit) for hit in vocabulary.prose_hits(f"{assignment}.ipynb", text)] == []


@each_assignment
def test_lines_fit(assignment: str) -> None:
    """No line of prose is wider than 88 characters, but for a table."""
    lines = [line for cell in statement(assignment).prose for line in cell.lines if not line.startswith("|")]
    assert [line for line in lines if len(line) > 88] == []


@each_assignment
def test_the_instructor_has_a_page(assignment: str) -> None:
    """It has a line for each check, the four parts in order, and the open question's answers at 0, 1 and 2 points."""
    page = instructor_page(assignment)
    headings = re.findall(r"^## (.*)", page, re.MULTILINE)
    assert [heading.startswith(part) for heading, part in zip(headings, PARTS, strict=True)] == [True] * len(PARTS)
    rows = {*re.findall(r"^\| `([\w.]+)`", page, re.MULTILINE)}
    assert rows == {check.id for check in checks_of(assignment)}
    assert re.findall(r"^### (\d) point", page, re.MULTILINE) == ["0", "1", "2"]
