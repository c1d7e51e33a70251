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
            next="change to the folder that has one, or name it: autograder --course DIR …",
        )


class UnknownAssignment(DrydockError):
    """An assignment that lacks its notebook or its checks; ``known`` are those that have both."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no assignment called {name[:60]!r}.",
            why="an assignment is a folder that has a notebook of the same name and checks.py",
            next=f"choose one of: {', '.join(known) or 'none, there are no assignments here'}",
        )


class InvalidChecks(DrydockError):
    """A ``checks.py`` that can't be loaded."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"The checks of {name} can't be loaded.",
            why=why,
            next=f"correct {name}/checks.py: it ends with `assignment = Assignment([…])`, which lists the checks in "
            "the order in which they run",
        )


class UnknownCheck(DrydockError):
    """A check that does not exist; ``known`` are the ids of those that do."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no check called {name[:60]!r}.",
            why="a check is called by its assignment's name and its own, with a dot between them",
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

    def __init__(self, assignment: str, log: str) -> None:
        tail = "\n".join(log.strip().splitlines()[-12:])
        super().__init__(f"nbgrader could not make the student version of {assignment}.", why=tail)


class GradingFailed(DrydockError):
    """A submission that could not be graded through no fault of the student; no mark was changed."""

    def __init__(self, student: str, diagnostics: str) -> None:
        super().__init__(
            f"The submission of {student} could not be graded; no mark was changed.",
            why="\n".join(diagnostics.strip().splitlines()[-12:]),
            next="grade again; if it stays so, the fault is the grader's: please report it with these lines",
        )


class NotIsolated(DrydockError):
    """Submissions were to be graded where they can't be isolated."""

    def __init__(self, why: str, next: str) -> None:
        super().__init__(
            "Submissions can't be graded safely on this computer.",
            why=why,
            next=f"{next}\nOr: Grade with --no-isolation: a hostile submission may then reach this computer, "
            "and every verdict says that it was not isolated",
        )


class WorkerLost(DrydockError):
    """A process that graded ended in the middle of it; ``how`` says in what way."""

    def __init__(self, student: str, how: str) -> None:
        super().__init__(f"The process that graded the work of {student} ended.", why=how)


class NoCluster(DrydockError):
    """A cluster that can't grade, or can't any more."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"The cluster at {address} can't be used.",
            why=why,
            next="is `dask scheduler` running there, and at least one `dask worker`? See docs/scaling.md. "
            "What was graded is kept",
        )


class OtherVersion(DrydockError):
    """A worker of a cluster that would grade with other code, checks or images than the coordinator."""

    def __init__(self) -> None:
        super().__init__(
            "A worker of the cluster has another version of Drydock than the coordinator.",
            why="its grader or its images are not the same, so its scores might not be either",
            next="install the same version of Drydock on all computers and start the workers again",
        )


class ExtraMissing(DrydockError):
    """A part of Drydock that not everybody needs, and that is not installed."""

    def __init__(self, wish: str, extra: str) -> None:
        super().__init__(
            f"{wish} needs Python packages that are not installed here.",
            next=f"Install them: pip install 'drydock-course[{extra}]'\n"
            "In a checkout, with the versions of the lock: .venv/bin/uv pip install --python .venv/bin/python "
            f"--no-build-isolation -c locks/dev.txt --excludes locks/left-out.txt -e '.[{extra}]'",
        )


class AlreadyGrading(DrydockError):
    """Another coordinator grades this course."""

    def __init__(self, who: str, since: str, doing: str) -> None:
        super().__init__(
            "This course is being graded already.",
            why=f"{who} has been at {doing} since {since}, and two at once would get in each other's way",
            next="wait until it has ended, or end it (Ctrl-C there) and begin again: what it graded is kept",
        )


class GradebookFailed(DrydockError):
    """The gradebook can't be opened or written."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"The gradebook at {address} could not be used.",
            why=why.strip(),
            next="mend that and grade again: what was graded is kept and not run a second time",
        )


class CannotWrite(DrydockError):
    """A file of the course that can't be written."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(
            f"{file.name} could not be written to {file.parent}.",
            why=why,
            next="mend that and grade again: what was graded is kept and not run a second time",
        )


class NothingGraded(DrydockError):
    """A report was asked for before there was anything to report on."""

    def __init__(self, assignment: str) -> None:
        super().__init__(
            f"No submission of {assignment} was graded here yet.",
            why="reports are made from the verdicts that grading keeps in build/verdicts/",
            next=f"grade first: autograder grade {assignment}",
        )


class TooLarge(DrydockError):
    """Something a submission made is larger than anybody needs."""

    def __init__(self, thing: str, limit: int) -> None:
        super().__init__(f"{thing} is larger than {_size(limit)}.", why="that is the limit")


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
