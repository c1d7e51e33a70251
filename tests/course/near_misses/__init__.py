"""Near misses of exercises: commands that a student might well try, and that must not pass.

Each lesson has a file here. For each exercise it lists what to ``try``, and what undoes that afterwards: commands of
the shell, or a cell that begins with a magic, such as ``%%if_ecs``. In place of ``try``, ``solve`` is another solution
than the lesson's, which must pass.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

_FOLDER = Path(__file__).parent


def near_misses(lesson: str) -> dict[str, list[tuple[str, str]]]:
    """Return, for each exercise of a lesson, pairs of shell commands: a near miss, and what undoes it."""
    return _pairs(lesson, "try")


def other_solutions(lesson: str) -> dict[str, list[tuple[str, str]]]:
    """Return, for each exercise of a lesson, pairs of shell commands: another solution, and what undoes it."""
    return _pairs(lesson, "solve")


def _pairs(lesson: str, key: str) -> dict[str, list[tuple[str, str]]]:
    content = tomllib.loads((_FOLDER / f"{lesson}.toml").read_text())
    return {
        exercise: [(pair[key], pair["undo"]) for pair in pairs if key in pair] for exercise, pairs in content.items()
    }
