"""What each command of ``autograder`` does: a function of the parsed arguments that returns the exit code."""

from __future__ import annotations

import argparse
import json

from rich.console import Console

from autograder import doctor as isolation
from autograder.checks.assignment import Assignment
from autograder.errors import NothingGraded
from autograder.gradebook.accounting import accounting
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.verdict_store import write
from autograder.reporting import chart, run_progress, tables
from autograder.reporting import report as class_report
from autograder.scheduling import capacity
from autograder.scheduling.dask_executor import DaskExecutor
from autograder.scheduling.executor import Executor
from autograder.scheduling.interrupt import Interrupt
from autograder.scheduling.process_pool import ProcessPool
from autograder.verdict import Verdict
from drydock.core.progress import console, print_line
from drydock.machine.artifacts import resolve

# The tables go to standard output. Progress and errors go to standard error, through the console that a booting machine
# uses too, so that the two share the screen.
_out = Console(highlight=False)
#: The exit code of a run that graded all there is, while somebody needs a look.
ATTENTION = 3


def doctor(arguments: argparse.Namespace) -> int:
    """Print how submissions can be isolated on this computer."""
    return isolation.main(arguments.json)


def release(arguments: argparse.Namespace) -> int:
    """Make the student versions of assignments."""
    course = Course(arguments.course, db=arguments.db)
    for assignment in arguments.assignment:
        folder = course.release(assignment)
        _out.print(f"The student version is in {folder.relative_to(course.root)}/.", markup=False)
    return 0


def grade(arguments: argparse.Namespace) -> int:
    """Grade the submissions of an assignment and return the exit code.

    It is 1 when one of them could not be graded, and :data:`ATTENTION` when somebody needs a look.
    """
    course = Course(arguments.course, db=arguments.db)
    assignment = course.assignment(arguments.assignment)
    submissions = course.submissions(assignment.name, arguments.student)
    roster = [] if arguments.student else course.roster()
    graded_before = [verdict.student for verdict in course.verdicts(assignment, course.grading_config()).all()]
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
    attention = accounting(roster, graded_before, submissions, course.renamed(submissions))
    _out.print(tables.summary(assignment, verdicts))
    for row in attention:
        _out.print(row.line, markup=False)
    if arguments.json is not None:
        summaries = [verdict.summary() for verdict in verdicts]
        summaries += [row.to_json() for row in attention if row.kind == "not-submitted"]
        write(arguments.json, json.dumps(summaries, indent=1, ensure_ascii=False) + "\n")
    if any(verdict.state == "infra-error" for verdict in verdicts):
        return 1
    return ATTENTION if attention else 0


def _executor(course: Course, assignment: Assignment, submissions: int, arguments: argparse.Namespace) -> Executor:
    if arguments.scheduler is not None:  # its workers know whether they can isolate
        config = course.grading_config(isolation.settings(arguments.no_isolation))
        return DaskExecutor(arguments.scheduler, config, arguments.tls)
    if not arguments.no_isolation:
        isolation.require_isolation()
    resolve.artifacts()  # once for all workers, and with its progress shown here
    config = course.grading_config(isolation.settings(arguments.no_isolation))
    return ProcessPool(min(arguments.workers or capacity.affordable(assignment.machines), submissions), config)


def _print_progress(display: run_progress.ProgressDisplay, verdict: Verdict) -> None:
    if not console().is_terminal:
        print_line(display.line(verdict))
    if verdict.state == "infra-error":
        last = verdict.diagnostics.strip().splitlines()[-1:] or [verdict.note]
        print_line(f"{verdict.student} could not be graded, the score stays as it was: {last[0]}")


def report(arguments: argparse.Namespace) -> int:
    """Print the points per check over the class, and draw the chart."""
    course = Course(arguments.course, db=arguments.db)
    assignment = course.assignment(arguments.assignment)
    verdicts = course.verdicts(assignment, course.grading_config()).all()
    if not verdicts:
        raise NothingGraded(assignment.name)
    _out.print(class_report.table(assignment, verdicts))
    file = course.build / "report" / f"{assignment.name}.svg"
    write(file, chart.svg(assignment.name, class_report.lines(assignment, verdicts)))
    _out.print(f"The picture is in {file.relative_to(course.root)}.", markup=False)
    if arguments.csv is not None:
        write(arguments.csv, tables.csv_text(assignment, verdicts))
    return 0
