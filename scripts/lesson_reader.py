"""The lessons of this checkout, for tests and scripts."""

from __future__ import annotations

from pathlib import Path

from drydock.learn.pages.lesson_notebook import Cell, Lesson, lessons

__all__ = ["COURSE", "LESSONS", "Cell", "Lesson"]

COURSE = Path(__file__).parents[1] / "course"
LESSONS = lessons(COURSE)
