"""Exercises in a course's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.errors import UnknownExercise, UnknownLesson
from drydock.learn.exercises import load

_TASKS = """from drydock.learn.exercises import exercise


@exercise("First.", "Second.", watched=False)
def publish(context):
    \"\"\"Container `first` is published.

    More for teachers.
    \"\"\"


exercises = [publish]
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one lesson that has one exercise, and one that has none."""
    (tmp_path / "tasks").mkdir()
    for name in ("03_ports", "04_limits"):
        (tmp_path / f"{name}.ipynb").touch()
    (tmp_path / "tasks" / "03_ports.py").write_text(_TASKS)
    return tmp_path


def test_an_exercise_has_a_goal_and_hints(course: Path) -> None:
    """The goal is the first line of the docstring; hints keep their order."""
    [exercise] = load(course, "03_ports")
    assert exercise.goal == "Container `first` is published."
    assert exercise.hints == ("First.", "Second.")
    assert not exercise.watched


def test_it_is_found_by_its_id(course: Path) -> None:
    """With or without the lesson's name; another id is refused with those there are."""
    exercises = load(course, "03_ports")
    assert exercises.find("03_ports.publish") is exercises.find("publish") is exercises.all[0]
    with pytest.raises(UnknownExercise, match=r"03_ports\.publish"):
        exercises.find("04_limits.publish")


def test_a_lesson_may_have_none(course: Path) -> None:
    """A lesson without a file of exercises has no exercises."""
    assert len(load(course, "04_limits")) == 0


def test_an_unknown_lesson_is_refused(course: Path) -> None:
    """The message lists the lessons that there are."""
    with pytest.raises(UnknownLesson, match="04_limits"):
        load(course, "99_nothing")
