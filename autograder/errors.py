"""Every message a person who grades can meet: what happened, why, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drydock.errors import DrydockError


class NotACourse(DrydockError):
    """The folder holds no course."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is not the folder of a course.",
            why="it has no nbgrader_config.py",
            next="change to the folder with assignments/ in it, or name it: autograder --course DIR …",
        )


class UnknownAssignment(DrydockError):
    """An assignment that lacks its notebook or its checks; ``known`` are those that have both."""

    def __init__(self, stem: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no assignment called {stem[:60]!r}.",
            why=f"it needs assignments/{stem[:60]}/ and autograder/checks/{stem[:60]}.py",
            next=f"there is: {', '.join(known) or 'none yet'}",
        )


class UnknownCheck(DrydockError):
    """A check that does not exist; ``known`` are the ids of those that do."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no check called {name[:60]!r}.",
            next=f"choose one of: {', '.join(known) or 'none, the assignment is unknown too'}",
        )


class NoSubmissions(DrydockError):
    """Nothing was handed in, or not by those who were asked for."""

    def __init__(self, folder: str, wanted: Sequence[str] = ()) -> None:
        super().__init__(
            "There is nothing to grade" + (f" from {', '.join(wanted)}." if wanted else "."),
            why=f"no notebook lies in {folder}",
            next="put each student's notebook there, by hand or with: nbgrader collect, nbgrader zip_collect",
        )


class UnreadableNotebook(DrydockError):
    """A submission that is no notebook."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "The notebook could not be read.",
            why=why,
            next="Open it in JupyterLab, save it there, and hand it in again.",
        )


class ReleaseFailed(DrydockError):
    """nbgrader could not make the student version."""

    def __init__(self, stem: str, log: str) -> None:
        tail = "\n".join(log.strip().splitlines()[-12:])
        super().__init__(f"nbgrader could not make the student version of {stem}.", why=tail)


class GradingFailed(DrydockError):
    """A submission that could not be graded through no fault of the student; no mark was changed."""

    def __init__(self, student: str, diagnostics: str) -> None:
        super().__init__(
            f"The submission of {student} could not be graded; no mark was changed.",
            why="\n".join(diagnostics.strip().splitlines()[-12:]),
            next="grade again; if it stays so, the fault is the grader's: please report it with these lines",
        )


class TooLarge(DrydockError):
    """Something a submission made is larger than anybody needs."""

    def __init__(self, thing: str, limit: int) -> None:
        super().__init__(f"{thing} is larger than {_size(limit)}.", why="that is the limit")


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
