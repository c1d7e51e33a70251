"""The exercises of a lesson: checks with hints, in ``course/tasks/<lesson>.py``.

A check of an exercise is made as an assignment's is: its docstring says what to reach, ``Failed`` says what was seen::

    @exercise("`--publish` takes an address before the two ports.", "This computer alone is 127.0.0.1.")
    def loopback(context: CheckContext) -> None:
        \"\"\"Container `ports-private` is reachable at port 8510 of this computer alone.\"\"\"

    exercises = [loopback]
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.checks.context import CheckContext
from drydock.errors import UnknownExercise, UnknownLesson

#: Looks at a daemon; returns when the exercise is done, raises ``Failed`` otherwise.
CheckFunction = Callable[[CheckContext], None]


@dataclass(frozen=True)
class Exercise:
    """One exercise: the function that checks it, and hints in the order in which they help."""

    look: CheckFunction
    hints: tuple[str, ...]
    patience: float = 1.0
    #: Whether the panel may check it by itself: not for a check that is slow or changes what it looks at.
    watched: bool = True

    @property
    def name(self) -> str:
        """The function's name: ``loopback``."""
        return self.look.__name__

    @property
    def goal(self) -> str:
        """The first line of the function's docstring: what to reach."""
        return (self.look.__doc__ or self.name).strip().splitlines()[0]


def exercise(*hints: str, patience: float = 1.0, watched: bool = True) -> Callable[[CheckFunction], Exercise]:
    """Make a function an exercise; a failed check is repeated for ``patience`` seconds.

    The panel checks a ``watched`` exercise by itself; turn that off for a check that is slow or changes something.
    """
    return lambda look: Exercise(look, hints, patience, watched)


@dataclass(frozen=True)
class Exercises:
    """The exercises of one lesson, in the order in which they come."""

    lesson: str
    all: tuple[Exercise, ...] = ()

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def id_of(self, exercise: Exercise) -> str:
        """Return what a student writes in ``check("…")``: ``03_ports.loopback``."""
        return f"{self.lesson}.{exercise.name}"

    def find(self, id: str) -> Exercise:
        """Return the exercise with this id, with or without the lesson's name; raise :class:`UnknownExercise`."""
        name = id.rpartition(".")[2]
        for exercise in self.all:
            if exercise.name == name and id in (name, self.id_of(exercise)):
                return exercise
        raise UnknownExercise(id, [self.id_of(exercise) for exercise in self.all])


def load(course: Path, lesson: str) -> Exercises:
    """Return the exercises in ``course/tasks/<lesson>.py``; none where a lesson has no such file.

    Raises :class:`UnknownLesson` when the course has no notebook of that name.
    """
    if not (course / f"{lesson}.ipynb").is_file():
        raise UnknownLesson(lesson, sorted(file.stem for file in course.glob("*.ipynb")))
    file = course / "tasks" / f"{lesson}.py"
    return Exercises(lesson, tuple(_load(file.resolve())) if file.is_file() else ())


@cache
def _load(file: Path) -> Sequence[Exercise]:
    """Run a file of exercises once, as a module that no other course's file of that name can meet."""
    name = f"drydock_tasks_{abs(hash(file)):x}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses in it look themselves up there
    spec.loader.exec_module(module)
    exercises: Sequence[Exercise] = module.exercises
    return exercises
