"""Errors of lessons: names of lessons, exercises and questions that do not exist."""

from __future__ import annotations

from collections.abc import Sequence

from drydock.errors.base import DrydockError


class UnknownLesson(DrydockError):
    """A lesson that the course does not have; ``known`` are those it has."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no lesson called {name[:60]!r}.",
            why="The course folder has no notebook of that name.",
            next=f"Choose one of: {', '.join(known) or 'none, this is not the course folder'}",
        )


class UnknownExercise(DrydockError):
    """An exercise that the lesson does not have; ``known`` are the ids of those it has."""

    def __init__(self, id: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no exercise called {id[:60]!r} in this lesson.",
            next=f"Choose one of: {', '.join(known) or 'none, this lesson has no exercises'}",
        )


class UnknownQuestion(DrydockError):
    """A question that the lesson does not have; ``known`` are the ids of those it has."""

    def __init__(self, id: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no question called {id[:60]!r} in this lesson.",
            next=f"Choose one of: {', '.join(known) or 'none, this lesson has no questions'}",
        )
