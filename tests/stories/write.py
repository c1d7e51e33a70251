"""Writes stories as notebooks with the verdict each must get: ``python -m tests.stories.write [stem …]``.

They are kept in git, as they would be handed in, in ``tests/submissions/<stem>/<story>/``; this only saves typing
when an assignment or its checks change.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from autograder import notebook
from autograder.check import checks_of, known
from tests.stories.story import Story, put_in

ROOT = Path(__file__).parents[2]
SUBMISSIONS = ROOT / "tests" / "submissions"


def stems() -> list[str]:
    """The assignments that have stories."""
    return [stem for stem in known() if Path(__file__).with_name(f"{stem}.py").is_file()]


def stories_of(stem: str) -> dict[str, Story]:
    """An assignment's stories by their names; the first is its own solution."""
    stories: dict[str, Story] = importlib.import_module(f"tests.stories.{stem}").STORIES
    return {"perfect": Story(twist=_solve(stem)), **stories}


def source(stem: str) -> NotebookNode:
    """The assignment as its teacher keeps it."""
    return notebook.read((ROOT / "assignments" / stem / f"{stem}.ipynb").read_bytes())


def released(stem: str) -> NotebookNode:
    """The assignment as students get it: without solutions."""
    student_version: NotebookNode = ClearSolutions().preprocess(source(stem), {})[0]
    return student_version


def _solve(stem: str) -> Callable[[NotebookNode], None]:
    def put_in_solutions(told: NotebookNode) -> None:
        for cell, solved in zip(told.cells, source(stem).cells, strict=True):
            lines = solved.source.splitlines()
            cell.source = "\n".join(line for line in lines if line not in ("### BEGIN SOLUTION", "### END SOLUTION"))

    return put_in_solutions


def written(stem: str, story: Story) -> dict[str, str]:
    """A story's files by their relative path: the notebook, what lies beside it, its verdict."""
    told = released(stem)
    put_in(told, story.answers)
    if story.twist:
        story.twist(told)
    verdict = json.dumps(verdict_of(stem, story), indent=1)
    return {f"{stem}.ipynb": f"{notebook.text(told)}\n", "verdict.json": f"{verdict}\n", **story.files}


def verdict_of(stem: str, story: Story) -> dict[str, Any]:
    """What a story must get."""
    checks, states = checks_of(stem), dict[str, str]()
    assert {one.look.__name__ for one in checks} >= set(story.fails), f"no such check: {story.fails}"
    for one in checks:
        ready = all(states[need.id] == "passed" for need in one.needs)
        states[one.id] = "skipped" if not ready else "failed" if one.look.__name__ in story.fails else "passed"
    score = sum(one.points for one in checks if states[one.id] == "passed")
    return {"state": story.state, "score": score, "checks": states}


def write(stem: str) -> None:
    """Write all stories of an assignment; those that are told no longer go."""
    stories = stories_of(stem)
    for folder in (SUBMISSIONS / stem).glob("*"):
        if folder.name not in stories:
            shutil.rmtree(folder)
    for name, story in stories.items():
        for path, text in written(stem, story).items():
            file = SUBMISSIONS / stem / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or stems():
        write(wanted)
