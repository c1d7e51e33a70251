"""Every message a person who grades can meet: what happened, why, and what to do next."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import dropwhile, takewhile
from pathlib import Path

from drydock.errors import DrydockError

#: Lines of an exception's message that a person gets to read.
_LINES = 8


class NotACourse(DrydockError):
    """The folder holds no course."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is not the folder of a course.",
            why="it has no nbgrader_config.py",
            next="change to the folder that has one, or name it: autograder --course DIR …",
        )


class InvalidConfig(DrydockError):
    """A course's ``nbgrader_config.py`` that can't be run, or has a value that nbgrader refuses."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file} can't be used.", why=why, next="correct that file; nbgrader reads it, too")


class UnknownAssignment(DrydockError):
    """An assignment that lacks its notebook or its checks; ``known`` are the complete ones."""

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
    """A check that does not exist; ``known`` are the ids of the existing ones."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no check called {name[:60]!r}.",
            why="a check is called by its assignment's name and its own, with a dot between them",
            next=f"choose one of: {', '.join(known) or 'none, the assignment is unknown too'}",
        )


class NoSubmissions(DrydockError):
    """Nothing was submitted, or not by the students who were named; ``misplaced`` has a line on work elsewhere."""

    def __init__(self, folder: str, wanted: Sequence[str] = (), misplaced: Sequence[str] = ()) -> None:
        super().__init__(
            "There is nothing to grade" + (f" from {', '.join(wanted)}." if wanted else "."),
            why="\n".join([f"there is no folder {folder}", *misplaced[:_LINES]]),
            next="collect submissions: nbgrader collect, nbgrader zip_collect; or put each student's notebook there",
        )


class NotReleased(DrydockError):
    """An assignment that was not given out, where that is needed for comparison."""

    def __init__(self, assignment: str) -> None:
        super().__init__(
            f"The student version of {assignment} is not there.",
            why="similarity is measured apart from what was given out",
            next=f"make it: autograder release {assignment}",
        )


class NoDueDate(DrydockError):
    """An extension of an assignment that has no due date."""

    def __init__(self, assignment: str) -> None:
        super().__init__(
            f"{assignment} has no due date, so there is nothing to extend.",
            next=f'Set one, in UTC: nbgrader db assignment add {assignment} --duedate "2026-12-01 22:00:00"',
        )


class InvalidExtension(DrydockError):
    """More time that is no time, less time, or longer than any course."""

    def __init__(self, days: float, hours: float) -> None:
        super().__init__(
            f"{days:g} days and {hours:g} hours are no extension.",
            why="Together they have to be 0 or more, and 3650 days at most.",
            next="Give how much later than the due date the student may submit: --days 2",
        )


class UnknownStudent(DrydockError):
    """A student who isn't in the roster; ``known`` are the students who are."""

    def __init__(self, student: str, known: Sequence[str]) -> None:
        alike = get_close_matches(student, known, n=3)
        super().__init__(
            f"There is no student called {student[:60]!r} in the roster.",
            next=f"choose one of: {', '.join(alike)}"
            if alike
            else f"add the student: nbgrader db student add {student}",
        )


class UnreadableNotebook(DrydockError):
    """A submission that is no notebook."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "The notebook could not be read.",
            why=why,
            next="Open it in JupyterLab, save it there, and submit it again.",
        )


class ReleaseFailed(DrydockError):
    """nbgrader could not make the student version; ``log`` is what it printed."""

    def __init__(self, assignment: str, log: str) -> None:
        super().__init__(
            f"nbgrader could not make the student version of {assignment}.",
            why=_exceptions(log) or "\n".join(log.strip().splitlines()[-12:]),
            next=f"correct this, in {assignment}.ipynb or in the file that it names; then release {assignment} again",
        )


class GradingFailed(DrydockError):
    """A submission that could not be graded, through no fault of the student; no score was changed."""

    def __init__(self, student: str, diagnostics: str) -> None:
        super().__init__(
            f"The submission of {student} could not be graded; its score was not changed.",
            why="\n".join(diagnostics.strip().splitlines()[-12:]),
            next="Grade again. If it keeps failing, report a bug of the grader with these lines",
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
    """A grading process ended before it returned a verdict; ``how`` says in what way."""

    def __init__(self, student: str, how: str) -> None:
        super().__init__(f"The process that graded the submission of {student} ended.", why=how)


class WorkerStuck(DrydockError):
    """A worker that did not come back from one submission in time; its process was ended."""

    def __init__(self, student: str, seconds: float) -> None:
        super().__init__(
            f"Grading the submission of {student} took longer than {seconds:.0f} s and was stopped.",
            why="no honest work needs that long, and the others were not to wait",
            next="Look at the notebook: what does it do to the Docker daemon? Then grade this student again",
        )


class NoCluster(DrydockError):
    """A cluster that can't be reached, has no workers, or went away."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"The cluster at {address} can't be used.",
            why=why,
            next="Start `dask scheduler` there, and at least one `dask worker` (docs/scaling.md). "
            "Verdicts so far are kept",
        )


class OtherVersion(DrydockError):
    """A worker of a cluster that would grade with other code, checks or images than the coordinator."""

    def __init__(self) -> None:
        super().__init__(
            "A worker of the cluster has another version of Drydock than the coordinator.",
            why="with another grader or other images, its scores might differ",
            next="install the same version of Drydock on all computers and start the workers again",
        )


class ExtraMissing(DrydockError):
    """An optional part of Drydock that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs Python packages that are not installed here.",
            next=f"Install them: pip install 'drydock-course[{extra}]'\n"
            "In a checkout, with the versions of the lock: .venv/bin/uv pip install --python .venv/bin/python "
            f"--no-build-isolation -c locks/runtime.txt -c locks/dev.txt --excludes locks/left-out.txt -e '.[{extra}]'",
        )


class AlreadyGrading(DrydockError):
    """Another process grades this course."""

    def __init__(self, who: str, since: str, doing: str) -> None:
        super().__init__(
            "This course is being graded already.",
            why=f"{who} has been {doing} since {since}, and two runs at once would overwrite each other's results",
            next="Wait until it has ended, or stop it with Ctrl-C and start again: its verdicts are kept",
        )


class GradebookFailed(DrydockError):
    """The gradebook can't be opened or written."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"The gradebook at {address} could not be used.",
            why=why.strip(),
            next="Fix this and grade again: submissions that were graded are not run a second time",
        )


class CannotWrite(DrydockError):
    """A file of the course that can't be written."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(
            f"{file.name} could not be written to {file.parent}.",
            why=why,
            next="Fix this and grade again: submissions that were graded are not run a second time",
        )


class NothingGraded(DrydockError):
    """A report was requested before any submission was graded."""

    def __init__(self, assignment: str) -> None:
        super().__init__(
            f"No submission of {assignment} has been graded here yet.",
            why="reports are made from the verdicts that grading keeps in build/verdicts/",
            next=f"grade first: autograder grade {assignment}",
        )


class TooLarge(DrydockError):
    """Something that a submission made is larger than the limit."""

    def __init__(self, thing: str, limit: int) -> None:
        super().__init__(f"{thing} is larger than {_size(limit)}.", why="that is the limit")


class TooManyFiles(DrydockError):
    """Something that a submission made has more files than the limit."""

    def __init__(self, thing: str, most: int) -> None:
        super().__init__(f"{thing} has more than {most:,} files.", why="that is the limit")


def _exceptions(log: str) -> str:
    """Return the exceptions of a log's tracebacks with the beginning of their messages; empty where there is none.

    Python's log handlers indent a traceback, but for its first line, by four spaces.
    """
    messages = []
    for rest in log.split("Traceback (most recent call last):\n")[1:]:
        lines = textwrap.dedent(rest.partition("\n[")[0]).splitlines()
        message = takewhile(str.strip, dropwhile(lambda line: line[:1].isspace() or not line, lines))
        messages += list(message)[:_LINES]
    return "\n".join(messages)


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
