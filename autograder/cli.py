"""``autograder grade | release``: one command for a fair mark, one for the student version."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from autograder.course import Course
from autograder.desk import Desk
from autograder.verdict import State, Verdict
from drydock.errors import DrydockError
from drydock.progress import console

_COLOURS: dict[State, str] = {
    "graded": "green",
    "timed-out": "yellow",
    "crashed": "yellow",
    "unreadable": "red",
    "infra-error": "red",
}

# The table goes to standard output; progress and trouble go to standard error, through the console that a booting
# machine uses too, so that the two share the screen.
_out = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 when all went well, 1 when it didn't, 2 when it made no sense."""
    wish = _parser().parse_args(arguments)
    try:
        course = Course(wish.course)
        if wish.command == "release":
            return _release(course, wish.assignment)
        return _grade(course, wish.assignment, wish.student, wish.json)
    except DrydockError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. What was graded so far is in the gradebook.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Grades Docker work by looking at it.")
    parser.add_argument("--course", type=Path, default=Path(), metavar="DIR", help="where nbgrader_config.py is (here)")
    commands = parser.add_subparsers(dest="command", required=True)
    grade = commands.add_parser("grade", help="grade what lies in build/submitted/<student>/<assignment>/")
    grade.add_argument("assignment")
    grade.add_argument("--student", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    grade.add_argument("--json", type=Path, metavar="FILE", help="also write the verdicts there")
    release = commands.add_parser("release", help="make the student version in build/release/<assignment>/")
    release.add_argument("assignment")
    return parser


def _release(course: Course, stem: str) -> int:
    folder = course.release(stem)
    _out.print(f"The student version is in {folder.relative_to(course.root)}/.", markup=False)
    return 0


def _grade(course: Course, stem: str, students: Sequence[str], file: Path | None) -> int:
    desk = Desk(course)
    submissions = course.submissions(stem, students)
    verdicts = []
    with _progress() as progress:
        bar = progress.add_task(f"Grading {stem}", total=len(submissions))
        for verdict in desk.grade(submissions):
            verdicts.append(verdict)
            progress.update(bar, advance=1)
            _say_trouble(verdict)
    _out.print(_table(stem, verdicts))
    if file is not None:
        file.write_text(json.dumps([verdict.summary() for verdict in verdicts], indent=1, ensure_ascii=False) + "\n")
    return 1 if any(verdict.state == "infra-error" for verdict in verdicts) else 0


def _progress() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


def _say_trouble(verdict: Verdict) -> None:
    if verdict.state == "infra-error":
        last = verdict.diagnostics.strip().splitlines()[-1:] or [verdict.note]
        console.print(f"{verdict.student} could not be graded, the mark stays as it was: {last[0]}", markup=False)


def _table(stem: str, verdicts: Iterable[Verdict]) -> Table:
    table = Table("student", "state", title=stem, title_justify="left")
    table.add_column("points", justify="right")
    table.add_column("s", justify="right")
    table.add_column("what was missing", overflow="fold")
    for verdict in verdicts:
        missing = ", ".join(one.id.partition(".")[2] for one in verdict.checks if one.state == "failed")
        missing = missing or verdict.note
        points = "–" if verdict.state == "infra-error" else f"{verdict.score:g} / {verdict.max:g}"
        state = Text(verdict.state, style=_COLOURS[verdict.state])
        table.add_row(Text(verdict.student), state, points, f"{verdict.seconds:.0f}", Text(missing))
    return table


if __name__ == "__main__":
    sys.exit(main())
