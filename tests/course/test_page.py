"""The page that JupyterLab opens on: every lesson and every assignment, in order."""

from __future__ import annotations

import json
import re
from pathlib import Path

from drydock import lab
from drydock.learn import start_page
from drydock.learn.pages import course_pages
from scripts.lesson_reader import COURSE, LESSONS
from tests.architecture.tree import ROOT, folders

PAGE = ROOT / lab.FIRST
TEXT = PAGE.read_text()


def test_the_lab_opens_on_it() -> None:
    """It lies beside the lessons."""
    assert PAGE.parent == COURSE


def test_it_lists_the_lessons_in_order() -> None:
    """Each with its title and the minutes that its opening asks for."""
    rows = re.findall(r"^\| \[\d+\]\((.+?)\) \| (.+?) \| (\d+) \|$", TEXT, re.MULTILINE)
    assert [(name, title) for name, title, _ in rows] == [
        (lesson.path.name, lesson.cells[0].source.splitlines()[0].removeprefix("# ")) for lesson in LESSONS
    ]
    for lesson, (_, _, minutes) in zip(LESSONS, rows, strict=True):
        assert re.search(rf"\b{minutes}\s+minutes", lesson.text), f"{lesson} says other minutes than {PAGE.name}"


def test_it_lists_the_assignments() -> None:
    """Each by its title, where the student's version of it will lie."""
    linked = dict(re.findall(r"\[([^\]]+)\]\(\.\./work/(.+?)\)", TEXT))
    sources = [ROOT / "assignments" / name / f"{name}.ipynb" for name in folders("assignments")]
    assert linked == {title(path): f"{path.stem}/{path.name}" for path in sources}


def test_it_leads_to_pages_to_look_things_up() -> None:
    """The glossary and the page on Docker at home are files; the others are made from the lessons."""
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", TEXT))
    made = set(course_pages.pages(COURSE))
    assert made <= linked
    assert {path.name for path in COURSE.glob("*.md")} - made - {PAGE.name, start_page.NAME} == linked - made


def title(notebook: Path) -> str:
    """The notebook's heading."""
    first: str = json.loads(notebook.read_text())["cells"][0]["source"][0]
    return first.removeprefix("# ").strip()
