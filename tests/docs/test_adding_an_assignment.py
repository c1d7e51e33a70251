"""The page on adding an assignment, followed to the letter in a copy of the course."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.conftest import ROOT

PAGE = (ROOT / "docs" / "adding-an-assignment.md").read_text()
COURSE = ["assignments", "autograder", "drydock", "images", "locks", "nbgrader_config.py"]
STEM = "greeting"
#: What nbgrader's sidebar calls a type, and what it writes down for it.
TYPES = {
    "Read-only": {"grade": False, "locked": True, "solution": False},
    "Autograded answer": {"grade": False, "locked": False, "solution": True},
    "Autograder tests": {"grade": True, "locked": True, "solution": False},
}


def blocks(*languages: str) -> list[tuple[str, str]]:
    """The page's blocks in these languages, from top to bottom."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [(language, text.rstrip("\n")) for language, text in found if language in languages]


def rows(columns: int) -> list[list[str]]:
    """The rows of the page's tables with so many columns whose first cell is a name."""
    found = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if "|" in line]
    return [row for row in found if len(row) == columns and row[0] not in ("cell", "student", "---")]


CELLS = [row for row in rows(3) if not row[1].isdigit()]
MARKS = {student: (float(points), float(most)) for student, points, most in rows(3) if points.isdigit()}
TEXTS = blocks("markdown", "python")
CHECKS, ADA, BOB = (text for _, text in TEXTS[len(CELLS) :])


def cell(row: list[str], language: str, text: str) -> dict[str, Any]:
    """A cell as the sidebar makes it."""
    name, kind, points = row
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if language == "python" else {}
    marks: dict[str, Any] = {}
    if kind in TYPES:
        marks = {"nbgrader": {"grade_id": name, "schema_version": 3, "task": False, **TYPES[kind]}}
    if points:
        marks["nbgrader"]["points"] = int(points)
    return {"cell_type": "code" if code else "markdown", "id": name, "metadata": marks, "source": text, **code}


def notebook() -> dict[str, Any]:
    """The page's notebook."""
    cells = [cell(row, *block) for row, block in zip(CELLS, TEXTS, strict=False)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the course, with the page's two files and nothing more."""
    for name in COURSE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "assignments" / STEM).mkdir()
    (tmp_path / "assignments" / STEM / f"{STEM}.ipynb").write_text(json.dumps(notebook()))
    (tmp_path / "autograder" / "checks" / f"{STEM}.py").write_text(f"{CHECKS}\n")
    return tmp_path


def typed(course: Path, place: int, *more: str) -> str:
    """What comes of the page's command number ``place``, typed in the copy."""
    [program, *words] = blocks("sh")[place][1].split()
    assert program == ".venv/bin/autograder"
    command = [sys.executable, "-m", "autograder.cli", *words, *more]
    there = {**os.environ, "PYTHONPATH": str(course)}
    done = subprocess.run(command, cwd=course, env=there, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hand_in(course: Path, student: str, answer: str) -> None:
    """What was released, with an answer, where nbgrader collects it."""
    told = json.loads((course / "build" / "release" / STEM / f"{STEM}.ipynb").read_text())
    [place] = [one for one in told["cells"] if one["id"] == "write-greeting"]
    place["source"] = answer
    folder = course / "build" / "submitted" / student / STEM
    folder.mkdir(parents=True)
    (folder / f"{STEM}.ipynb").write_text(json.dumps(told))


@pytest.mark.live
@pytest.mark.wall
def test_who_follows_the_page_gets_its_marks(course: Path) -> None:
    """A notebook, a file of checks, two commands; and the solution stays with the teacher."""
    assert f"build/release/{STEM}/" in typed(course, 0)
    assert "ENTRYPOINT" not in (course / "build" / "release" / STEM / f"{STEM}.ipynb").read_text()
    for student, answer in {"ada": ADA, "bob": BOB}.items():
        hand_in(course, student, answer)
    typed(course, 1, "--json", "verdicts.json")
    verdicts = json.loads((course / "verdicts.json").read_text())
    assert {one["student"]: (one["score"], one["max"]) for one in verdicts} == MARKS
    feedback = (course / "build" / "feedback" / "bob" / STEM / f"{STEM}.html").read_text()
    assert "It does not start" in feedback


def test_the_checks_are_in_the_house_style() -> None:
    """What a teacher copies should be as good as what is here."""
    for words in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        command = [str(Path(sys.executable).parent / "ruff"), *words, "--stdin-filename", f"{STEM}.py", "-"]
        done = subprocess.run(
            command, input=f"{CHECKS}\n", cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_check_has_its_cell() -> None:
    """And as many points here as there."""
    decorated = re.findall(r"@check\(points=(\d+).*\)\ndef (\w+)", CHECKS)
    tests = {name: points for name, kind, points in CELLS if kind == "Autograder tests"}
    assert {f"{STEM}-{name}": points for points, name in decorated} == tests
    assert sum(map(int, tests.values())) == MARKS["ada"][1]
