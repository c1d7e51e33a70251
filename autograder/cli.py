"""``autograder grade | report | release | doctor``: one command for fair marks, one for how the class did."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder import doctor
from autograder.checks.api import machines_of
from autograder.errors import NothingGraded
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.verdict_store import write
from autograder.reporting import chart, report, run_progress, tables
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import capacity
from autograder.scheduling.dask_executor import DaskExecutor
from autograder.scheduling.executor import Executor
from autograder.scheduling.interrupt import Interrupt
from autograder.scheduling.process_pool import ProcessPool
from autograder.verdict import Verdict
from drydock.core.progress import console, say
from drydock.errors import DrydockError
from drydock.machine.artifacts import machine_build

# The table goes to standard output; progress and trouble go to standard error, through the console that a booting
# machine uses too, so that the two share the screen.
_out = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 when all went well, 1 when it didn't, 2 when it made no sense."""
    wish = _parser().parse_args(arguments)
    commands = {"grade": _grade, "report": _report, "release": _release}
    try:
        if wish.command == "doctor":
            return doctor.main(wish.json)
        return commands[wish.command](Course(wish.course, db=wish.db), wish)
    except DrydockError as error:
        console().print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        say("Stopped. What was graded so far is kept, and not run again next time.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Grades Docker work by looking at it.")
    parser.add_argument("--course", type=Path, default=Path(), metavar="DIR", help="where nbgrader_config.py is (here)")
    commands = parser.add_subparsers(dest="command", required=True)
    grade = commands.add_parser("grade", help="grade what lies in build/submitted/<student>/<assignment>/")
    grade.add_argument("--student", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    grade.add_argument("--workers", type=_positive, metavar="N", help="grade so many at once (as many as fit here)")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="grade on a Dask cluster: tls://host:port or tcp://…")
    grade.add_argument("--tls", type=Path, metavar="DIR", help="the folder of ca.pem, cert.pem and key.pem for that")
    grade.add_argument("--regrade", action="store_true", help="run again what was graded already")
    grade.add_argument("--no-walls", action="store_true", help="also where nothing keeps hostile work in; recorded")
    grade.add_argument("--json", type=Path, metavar="FILE", help="also write the verdicts there")
    tell = commands.add_parser("report", help="points per check over the class, as a table and a picture")
    tell.add_argument("--csv", type=Path, metavar="FILE", help="write a line for each student there")
    look = commands.add_parser("doctor", help="which walls can stand around a submission here")
    look.add_argument("--json", action="store_true", help="as JSON")
    release = commands.add_parser("release", help="make the student version in build/release/<assignment>/")
    for command in (grade, tell, release):
        command.add_argument("assignment")
        command.add_argument("--db", metavar="URL", help="another gradebook, such as postgresql+psycopg://…")
    return parser


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one")
    return number


def _release(course: Course, wish: argparse.Namespace) -> int:
    folder = course.release(wish.assignment)
    _out.print(f"The student version is in {folder.relative_to(course.root)}/.", markup=False)
    return 0


def _grade(course: Course, wish: argparse.Namespace) -> int:
    submissions = course.submissions(wish.assignment, wish.student)
    if wish.json is not None:
        write(wish.json, "[]\n")  # better now than after an hour
    seen = run_progress.ProgressDisplay(wish.assignment, len(submissions))
    verdicts = []
    with _crew(wish, len(submissions)) as crew, Interrupt() as stop, run_progress.shown(seen, console()):
        desk = Recorder(course, crew)
        for verdict in desk.grade(submissions, regrade=wish.regrade, started=seen.started, between=stop.check):
            seen.finished(verdict)
            verdicts.append(verdict)
            _tell(seen, verdict)
    verdicts.sort(key=lambda verdict: verdict.student)
    _out.print(tables.summary(wish.assignment, verdicts))
    if wish.json is not None:
        told = [verdict.summary() for verdict in verdicts]
        write(wish.json, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return 1 if any(verdict.state == "infra-error" for verdict in verdicts) else 0


def _crew(wish: argparse.Namespace, submissions: int) -> Executor:
    if wish.scheduler is not None:
        walls = {"walls": False} if wish.no_walls else {}  # the workers say whether they have any
        return DaskExecutor(wish.scheduler, GradingConfig(settings=walls), wish.tls)
    terms = doctor.terms(wish.no_walls)
    machine_build.build()  # once for all workers, and here it can tell of it
    return ProcessPool(min(wish.workers or capacity.affordable(machines_of(wish.assignment)), submissions), terms)


def _tell(seen: run_progress.ProgressDisplay, verdict: Verdict) -> None:
    if not console().is_terminal:
        say(seen.line(verdict))
    if verdict.state == "infra-error":
        last = verdict.diagnostics.strip().splitlines()[-1:] or [verdict.note]
        say(f"{verdict.student} could not be graded, the mark stays as it was: {last[0]}")


def _report(course: Course, wish: argparse.Namespace) -> int:
    course.must_know(wish.assignment)
    verdicts = course.verdicts(wish.assignment, GradingConfig()).all()
    if not verdicts:
        raise NothingGraded(wish.assignment)
    _out.print(report.table(wish.assignment, verdicts))
    file = course.build / "report" / f"{wish.assignment}.svg"
    write(file, chart.svg(wish.assignment, report.lines(wish.assignment, verdicts)))
    _out.print(f"The picture is in {file.relative_to(course.root)}.", markup=False)
    if wish.csv is not None:
        write(wish.csv, tables.csv_text(wish.assignment, verdicts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
