"""The page on adding an assignment, followed to the letter in a course of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.conftest import ROOT

PAGE = (ROOT / "docs" / "adding-an-assignment.md").read_text()
NAME = "greeting"
#: The command of this checkout, and what it needs to find its packages.
AUTOGRADER = (sys.executable, "-m", "autograder.cli")
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}
#: The types of nbgrader's sidebar, and the metadata of such a cell.
TYPES = {
    "Read-only": {"grade": False, "locked": True, "solution": False},
    "Autograded answer": {"grade": False, "locked": False, "solution": True},
    "Autograder tests": {"grade": True, "locked": True, "solution": False},
}


def blocks(*languages: str) -> list[tuple[str, str]]:
    """The page's blocks in these languages, from top to bottom."""
    matches = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [(language, text.rstrip("\n")) for language, text in matches if language in languages]


def rows(columns: int) -> list[list[str]]:
    """The rows of the page's tables with so many columns whose first cell is a name."""
    table = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if "|" in line]
    return [row for row in table if len(row) == columns and row[0] not in ("cell", "student", "---")]


CELLS = [row for row in rows(3) if not row[1].isdigit()]
SCORES = {student: (float(points), float(most)) for student, points, most in rows(3) if points.isdigit()}
(_, CONFIG), *TEXTS = blocks("markdown", "python")
CHECKS, ADA, BOB = (text for _, text in TEXTS[len(CELLS) :])
ANSWERS = {"ada": ADA, "bob": BOB}
(_, MAKE), (_, RELEASE), (_, GRADE) = blocks("sh")


def cell(row: list[str], language: str, text: str) -> dict[str, Any]:
    """A cell as the sidebar makes it."""
    name, kind, points = row
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if language == "python" else {}
    metadata: dict[str, Any] = {}
    if kind in TYPES:
        metadata = {"nbgrader": {"grade_id": name, "schema_version": 3, "task": False, **TYPES[kind]}}
    if points:
        metadata["nbgrader"]["points"] = int(points)
    return {"cell_type": "code" if code else "markdown", "id": name, "metadata": metadata, "source": text, **code}


def notebook() -> dict[str, Any]:
    """The page's notebook."""
    cells = [cell(row, *block) for row, block in zip(CELLS, TEXTS, strict=False)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def make_course(folder: Path) -> Path:
    """Make the page's course in a folder: its commands, and its three files; return the course's folder."""
    done = subprocess.run(f"{MAKE}\npwd", shell=True, cwd=folder, capture_output=True, text=True, check=True)
    course = Path(done.stdout.strip())
    (course / "nbgrader_config.py").write_text(f"{CONFIG}\n")
    (course / "source" / NAME / f"{NAME}.ipynb").write_text(json.dumps(notebook()))
    (course / "source" / NAME / "checks.py").write_text(f"{CHECKS}\n")
    return course


def run(
    line: str,
    course: Path,
    *more: str,
    program: Sequence[str] = AUTOGRADER,
    environment: Mapping[str, str] = ENVIRONMENT,
) -> str:
    """Run one of the page's commands in the course, by this ``program``; it must succeed. Return what it printed."""
    name, *words = line.split()
    assert name == "autograder"
    variables = {**os.environ, **environment}
    command = [*program, *words, *more]
    done = subprocess.run(command, cwd=course, env=variables, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def submit(course: Path, student: str, answer: str) -> None:
    """Put the released notebook, with an answer, where nbgrader collects it."""
    released = json.loads((course / "release" / NAME / f"{NAME}.ipynb").read_text())
    [solution] = [cell for cell in released["cells"] if cell["id"] == "write-greeting"]
    solution["source"] = answer
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(released))


def grade(course: Path, program: Sequence[str] = AUTOGRADER, environment: Mapping[str, str] = ENVIRONMENT) -> None:
    """Release, submit and grade as the page says, and compare with what it promises."""
    assert f"release/{NAME}/" in run(RELEASE, course, program=program, environment=environment)
    released = course / "release" / NAME
    assert "ENTRYPOINT" not in (released / f"{NAME}.ipynb").read_text()
    assert sorted(path.name for path in released.iterdir()) == ["checks.py", f"{NAME}.ipynb"]
    for student, answer in ANSWERS.items():
        submit(course, student, answer)
    run(GRADE, course, "--json", "verdicts.json", program=program, environment=environment)
    verdicts = json.loads((course / "verdicts.json").read_text())
    assert {verdict["student"]: (verdict["score"], verdict["max"]) for verdict in verdicts} == SCORES
    assert "It does not start" in (course / "feedback" / "bob" / NAME / f"{NAME}.html").read_text()


@pytest.mark.live
@pytest.mark.isolation
def test_following_the_page_gives_its_scores(tmp_path: Path) -> None:
    """A course folder, a notebook, a file of checks and two commands; the solution stays with the instructor."""
    grade(make_course(tmp_path))


@pytest.mark.slow
def test_the_page_can_be_released_without_a_machine(tmp_path: Path) -> None:
    """The student version has the checks beside the notebook, and nothing of the solution."""
    course = make_course(tmp_path)
    run(RELEASE, course)
    assert (course / "release" / NAME / "checks.py").read_text() == f"{CHECKS}\n"
    assert "BEGIN SOLUTION" not in (course / "release" / NAME / f"{NAME}.ipynb").read_text()


def test_the_checks_are_in_the_house_style() -> None:
    """The code that an instructor copies passes the same linter as ours."""
    for words in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        command = [str(Path(sys.executable).parent / "ruff"), *words, "--stdin-filename", "checks.py", "-"]
        done = subprocess.run(
            command, input=f"{CHECKS}\n", cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_check_has_its_cell() -> None:
    """The cells of the table have the ids and the points of the checks."""
    decorated = re.findall(r"@check\(points=(\d+).*\)\ndef (\w+)", CHECKS)
    tests = {name: points for name, kind, points in CELLS if kind == "Autograder tests"}
    assert {f"{NAME}-{name}": points for points, name in decorated} == tests
    assert sum(map(int, tests.values())) == SCORES["ada"][1]
