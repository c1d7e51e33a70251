"""What each command of ``autograder`` does: a function of the parsed arguments that returns the exit code."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from rich.console import Console

from autograder import doctor as isolation
from autograder.checks.assignment import Assignment
from autograder.gradebook.accounting import (
    WITHOUT_VERDICT,
    Attention,
    accounting,
    misnamed,
    misplaced,
    not_regraded,
    without_penalty,
    without_time,
)
from autograder.gradebook.course import Course
from autograder.gradebook.grades import grades_of
from autograder.gradebook.preview import change, present_grades, previewed
from autograder.gradebook.reconcile import outdated
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import has_due_date
from autograder.gradebook.verdict_store import write
from autograder.reporting import run_progress, tables
from autograder.scheduling import capacity
from autograder.scheduling.dask_executor import DaskExecutor
from autograder.scheduling.executor import Executor
from autograder.scheduling.interrupt import Interrupt
from autograder.scheduling.process_pool import ProcessPool
from autograder.submission import Submission
from autograder.verdict import Verdict
from drydock.core.progress import console, print_line
from drydock.machine.artifacts import resolve

# The tables go to standard output; names of students are no markup, whatever brackets they have. Progress and errors go
# to standard error, through the console that a booting machine uses too, so that the two share the screen.
_out = Console(highlight=False, markup=False, emoji=False)
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
        _out.print(f"The student version is in {folder.relative_to(course.root)}/.")
    return 0


def grade(arguments: argparse.Namespace) -> int:
    """Grade the submissions of an assignment and return the exit code.

    It is 1 when one of them could not be graded, and :data:`ATTENTION` when somebody needs a look.
    """
    course = Course(arguments.course, db=arguments.db)
    assignment = course.assignment(arguments.assignment)
    if not arguments.preview:
        course.correct_case(assignment.name)
    submissions = course.submissions(assignment.name, arguments.student)
    if arguments.preview:
        return _preview(course, assignment, submissions, arguments)
    roster = [] if arguments.student else course.roster()
    graded_before = [verdict.student for verdict in course.verdicts(assignment, course.grading_config()).all()]
    if arguments.json is not None:
        write(arguments.json, "[]\n")  # better now than after an hour
    with _executor(course, assignment, len(submissions), arguments) as executor:
        recorder = Recorder(course, executor)
        run = partial(recorder.grade, submissions, regrade=arguments.regrade)
        verdicts = _verdicts(run, assignment, submissions, recorder.without_score)
    attention = _not_graded(course, arguments)
    elsewhere = [row.student for row in attention]
    attention += accounting(roster, graded_before, submissions, course.renamed(submissions), elsewhere)
    attention += without_penalty(recorder.penalty_problems)
    with course.gradebook() as book:
        attention += not_regraded(outdated(assignment, grades_of(book, assignment.name)))
        dated = submissions if has_due_date(book, assignment.name) else []
    attention += without_time(course.unreadable_times(dated))
    claims = sorted(course.claimed_times(dated))
    _out.print(tables.summary(assignment, verdicts))
    _print_attention(attention, claims)
    if arguments.json is not None:
        summaries = [{**verdict.summary(), "time_is_claimed": verdict.student in claims} for verdict in verdicts]
        summaries += [row.to_json() for row in attention if row.kind in WITHOUT_VERDICT]
        write(arguments.json, json.dumps(summaries, indent=1, ensure_ascii=False) + "\n")
    if any(verdict.state == "infra-error" for verdict in verdicts):
        return 1
    return ATTENTION if attention else 0


def _not_graded(course: Course, arguments: argparse.Namespace) -> list[Attention]:
    """Return a row for each student whose work no run can take; none where single students were asked for."""
    if arguments.student:
        return []
    rows = misplaced(course.misplaced(arguments.assignment), arguments.assignment)
    return rows + misnamed(course.misnamed(arguments.assignment))


def _print_attention(attention: Sequence[Attention], claims: Sequence[str]) -> None:
    """Print whom to look at, and whose time is a claim; no line is broken within a name."""
    for row in attention:
        _out.print(row.line, soft_wrap=True)
    if claims:
        reason = "The time of submission is a claim of the zip's name, since no LMS gave one"
        _out.print(f"{reason}: {', '.join(claims)}", soft_wrap=True)


def _preview(
    course: Course, assignment: Assignment, submissions: Sequence[Submission], arguments: argparse.Namespace
) -> int:
    """Print whose score grading would change; write nothing but the file that was asked for."""
    present = present_grades(course, assignment.name)
    with _executor(course, assignment, len(submissions), arguments) as executor:
        run = partial(previewed, course, assignment, submissions, executor, regrade=arguments.regrade)
        verdicts = _verdicts(run, assignment, submissions)
    changes = [row for verdict in verdicts if (row := change(verdict, present.get(verdict.student)))]
    for row in changes:
        _out.print(row.line)
    others = [grade for student, grade in present.items() if student not in {work.student for work in submissions}]
    _print_attention(not_regraded(outdated(assignment, others)) + _not_graded(course, arguments), [])
    _out.print(f"{len(changes)} of {len(verdicts)} scores would change. Nothing was written.")
    if arguments.json is not None:
        write(arguments.json, json.dumps([row.to_json() for row in changes], indent=1, ensure_ascii=False) + "\n")
    return 1 if any(verdict.state == "infra-error" for verdict in verdicts) else 0


def _verdicts(
    run: Callable[..., Iterator[Verdict]],
    assignment: Assignment,
    submissions: Sequence[Submission],
    without_score: Collection[str] = (),
) -> list[Verdict]:
    """Run a grading with its progress shown, and return the verdicts by student.

    The run adds to ``without_score`` each student without a score whose work could not be graded.
    """
    display = run_progress.ProgressDisplay(assignment.name, len(submissions))
    verdicts = []
    with Interrupt() as stop, run_progress.shown(display, console()):
        for verdict in run(started=display.started, between=stop.check):
            display.finished(verdict)
            verdicts.append(verdict)
            _print_progress(display, verdict, has_score=verdict.student not in without_score)
    return sorted(verdicts, key=lambda verdict: verdict.student)


def _executor(course: Course, assignment: Assignment, submissions: int, arguments: argparse.Namespace) -> Executor:
    if arguments.scheduler is not None:  # its workers know whether they can isolate
        config = course.grading_config(isolation.settings(arguments.no_isolation))
        return DaskExecutor(arguments.scheduler, config, arguments.tls)
    if not arguments.no_isolation:
        isolation.require_isolation()
    resolve.artifacts()  # once for all workers, and with its progress shown here
    config = course.grading_config(isolation.settings(arguments.no_isolation))
    return ProcessPool(min(arguments.workers or capacity.affordable(assignment.machines), submissions), config)


def _print_progress(display: run_progress.ProgressDisplay, verdict: Verdict, *, has_score: bool) -> None:
    if not console().is_terminal:
        print_line(display.line(verdict))
    if verdict.state == "infra-error":
        lines = verdict.diagnostics.strip().splitlines() or [verdict.note]
        # An error of ours has three lines, and the first one, which says what happened, is not indented.
        first = max((number for number, line in enumerate(lines) if not line.startswith(" ")), default=0)
        message = "\n".join(lines[first:])
        score = "the score stays as it was" if has_score else "there is no score until this student is graded again"
        print_line(f"{verdict.student} could not be graded, {score}: {message}")
