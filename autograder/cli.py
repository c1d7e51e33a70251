"""``autograder grade | report | release | doctor``: the commands of an instructor."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder import doctor
from autograder.checks.assignment import Assignment
from autograder.errors import NothingGraded
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.verdict_store import write
from autograder.reporting import chart, report, run_progress, tables
from autograder.scheduling import capacity
from autograder.scheduling.dask_executor import DaskExecutor
from autograder.scheduling.executor import Executor
from autograder.scheduling.interrupt import Interrupt
from autograder.scheduling.process_pool import ProcessPool
from autograder.verdict import Verdict
from drydock.core.progress import console, print_line
from drydock.errors import DrydockError
from drydock.machine.artifacts import machine_build

# The table goes to standard output; progress and trouble go to standard error, through the console that a booting
# machine uses too, so that the two share the screen.
_out = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 when all went well, 1 when it didn't, 2 for a wrong command line."""
    parsed = _parser().parse_args(arguments)
    commands = {"grade": _grade, "report": _report, "release": _release}
    try:
        if parsed.command == "doctor":
            return doctor.main(parsed.json)
        return commands[parsed.command](Course(parsed.course, db=parsed.db), parsed)
    except DrydockError as error:
        console().print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        print_line("Stopped. What was graded so far is kept, and not run again next time.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Grade Docker work by what it does.")
    parser.add_argument("--course", type=Path, default=Path(), metavar="DIR", help="where nbgrader_config.py is (here)")
    commands = parser.add_subparsers(dest="command", required=True)
    grade = commands.add_parser("grade", help="grade what was submitted")
    grade.add_argument("--student", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    grade.add_argument("--workers", type=_positive, metavar="N", help="how many to grade at once (as many as fit here)")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="grade on a Dask cluster: tls://host:port or tcp://…")
    grade.add_argument("--tls", type=Path, metavar="DIR", help="folder of ca.pem, cert.pem and key.pem for the cluster")
    grade.add_argument("--regrade", action="store_true", help="grade again what was graded already")
    grade.add_argument("--no-isolation", action="store_true", help="grade even if nothing keeps hostile work in")
    grade.add_argument("--json", type=Path, metavar="FILE", help="also write the verdicts to this file")
    report = commands.add_parser("report", help="points per check over the class, as a table and a picture")
    report.add_argument("--csv", type=Path, metavar="FILE", help="also write a line for each student to this file")
    isolation = commands.add_parser("doctor", help="how submissions can be isolated on this computer")
    isolation.add_argument("--json", action="store_true", help="as JSON")
    release = commands.add_parser("release", help="make the student version of an assignment")
    for command in (grade, report, release):
        command.add_argument("assignment")
        command.add_argument("--db", metavar="URL", help="another gradebook, such as postgresql+psycopg://…")
    return parser


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one")
    return number


def _release(course: Course, arguments: argparse.Namespace) -> int:
    folder = course.release(arguments.assignment)
    _out.print(f"The student version is in {folder.relative_to(course.root)}/.", markup=False)
    return 0


def _grade(course: Course, arguments: argparse.Namespace) -> int:
    assignment = course.assignment(arguments.assignment)
    submissions = course.submissions(assignment.name, arguments.student)
    if arguments.json is not None:
        write(arguments.json, "[]\n")  # better now than after an hour
    display = run_progress.ProgressDisplay(assignment.name, len(submissions))
    verdicts = []
    executor = _executor(course, assignment, len(submissions), arguments)
    with executor, Interrupt() as stop, run_progress.shown(display, console()):
        recorder = Recorder(course, executor)
        graded = recorder.grade(submissions, regrade=arguments.regrade, started=display.started, between=stop.check)
        for verdict in graded:
            display.finished(verdict)
            verdicts.append(verdict)
            _print_progress(display, verdict)
    verdicts.sort(key=lambda verdict: verdict.student)
    _out.print(tables.summary(assignment, verdicts))
    if arguments.json is not None:
        summaries = [verdict.summary() for verdict in verdicts]
        write(arguments.json, json.dumps(summaries, indent=1, ensure_ascii=False) + "\n")
    return 1 if any(verdict.state == "infra-error" for verdict in verdicts) else 0


def _executor(course: Course, assignment: Assignment, submissions: int, arguments: argparse.Namespace) -> Executor:
    if arguments.scheduler is not None:  # its workers know whether they can isolate
        config = course.grading_config(doctor.settings(arguments.no_isolation))
        return DaskExecutor(arguments.scheduler, config, arguments.tls)
    if not arguments.no_isolation:
        doctor.require_isolation()
    machine_build.find_or_build()  # once for all workers, and with its progress shown here
    config = course.grading_config(doctor.settings(arguments.no_isolation))
    return ProcessPool(min(arguments.workers or capacity.affordable(assignment.machines), submissions), config)


def _print_progress(display: run_progress.ProgressDisplay, verdict: Verdict) -> None:
    if not console().is_terminal:
        print_line(display.line(verdict))
    if verdict.state == "infra-error":
        last = verdict.diagnostics.strip().splitlines()[-1:] or [verdict.note]
        print_line(f"{verdict.student} could not be graded, the score stays as it was: {last[0]}")


def _report(course: Course, arguments: argparse.Namespace) -> int:
    assignment = course.assignment(arguments.assignment)
    verdicts = course.verdicts(assignment, course.grading_config()).all()
    if not verdicts:
        raise NothingGraded(assignment.name)
    _out.print(report.table(assignment, verdicts))
    file = course.build / "report" / f"{assignment.name}.svg"
    write(file, chart.svg(assignment.name, report.lines(assignment, verdicts)))
    _out.print(f"The picture is in {file.relative_to(course.root)}.", markup=False)
    if arguments.csv is not None:
        write(arguments.csv, tables.csv_text(assignment, verdicts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
