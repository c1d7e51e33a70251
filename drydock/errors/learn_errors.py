"""Errors of lessons: unknown lessons, exercises and questions, and cells that can't run as they are written."""

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


class NameLost(DrydockError):
    """A name of the first cells: they have not run since the kernel was started, or one of them failed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The name {name!r} is not defined.",
            why="A cell above defines it. That cell has not run in this kernel, or it failed. A new kernel knows "
            "nothing of the one before; containers, images and volumes are still there.",
            next="Run the cells from the first one to this one: menu Run, Run All Above Selected Cell. If one of them "
            "fails, do first what its message says.",
        )


class ShellCellFailed(DrydockError):
    """A ``%%bash`` or ``%%sh`` cell whose last command failed; ``code`` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"The last command of this cell failed with exit code {code}.",
            next="Read what it printed, above. Change the command, and run the cell again.",
        )
        self.code = code


class DockerLineInPython(DrydockError):
    """A docker command in a cell of Python, which is no Python; ``line`` is the command."""

    def __init__(self, line: str) -> None:
        super().__init__(
            f"Python can't read this line: {line[:200]}",
            why="A cell contains Python. The shell gets only lines that begin with `!`, or a cell that begins with "
            "`%%bash`.",
            next="Write `!` in front of `docker`, or write `%%bash` as the first line of the cell. Then run it again.",
        )


class DockerLineBroken(DrydockError):
    """A docker command whose second line, ``line``, Python reads as its own."""

    def __init__(self, line: str) -> None:
        super().__init__(
            f"Python can't read this line: {line[:200]}",
            why="It is the rest of the docker command above. A command ends where its line ends.",
            next="End the line above with a space and `\\`, or write the whole command in one line.",
        )


class CallRefused(DrydockError):
    """A call that docker-py refused with ``words``, before the daemon got a request; ``nearest``: the name to use."""

    def __init__(self, words: str, nearest: str | None = None) -> None:
        super().__init__(
            f"docker-py can't make this call: {words[:160]}",
            why="An argument has a wrong name, or a value of a wrong type. The daemon got no request.",
            next=(f"docker-py's name is `{nearest}`. " if nearest else "")
            + "Place the cursor behind the call's opening bracket, and press Shift and Tab: JupyterLab shows the "
            "arguments.",
        )


class RunInterrupted(DrydockError):
    """A call of docker-py's ``run`` that a person interrupted while it waited for the container to end."""

    def __init__(self) -> None:
        super().__init__(
            "You interrupted the cell. The container runs on.",
            why="Without detach=True, `run` waits until the container ends. A server doesn't end.",
            next="`docker ps` shows the container's name. Remove it: docker rm -f NAME. Then add detach=True.",
        )
