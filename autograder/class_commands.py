"""What the commands about a whole class do: its report, an extension for one student, similar answers."""

from __future__ import annotations

import argparse
import json

from rich.console import Console

from autograder.errors import NothingGraded
from autograder.gradebook import extensions, late_penalty, similarity
from autograder.gradebook.accounting import not_regraded
from autograder.gradebook.course import Course
from autograder.gradebook.grades import grades_of
from autograder.gradebook.preview import present_grades
from autograder.gradebook.reconcile import outdated, reconciled
from autograder.gradebook.verdict_store import write
from autograder.reporting import chart, lms_export, tables
from autograder.reporting import report as class_report

_out = Console(highlight=False, markup=False, emoji=False)


def report(arguments: argparse.Namespace) -> int:
    """Print the points per check over the class, draw the chart, and write the files that were asked for.

    The points are the gradebook's, so points given by persons and work graded by nbgrader are part of it.
    """
    course = Course(arguments.course, db=arguments.db)
    assignment = course.assignment(arguments.assignment)
    grades = list(present_grades(course, assignment.name).values())
    verdicts = reconciled(assignment, course.verdicts(assignment, course.grading_config()).all(), grades)
    if not verdicts:
        raise NothingGraded(assignment.name)
    _out.print(class_report.table(assignment, verdicts))
    _out.print(class_report.by_persons(grades))
    for row in not_regraded(outdated(assignment, grades)):
        _out.print(row.line)
    file = course.build / "report" / f"{assignment.name}.svg"
    write(file, chart.svg(assignment.name, class_report.lines(assignment, verdicts)))
    _out.print(f"The picture is in {file.relative_to(course.root)}.")
    by_student = {grade.student: grade.to_json() for grade in grades}
    summaries = [{**verdict.summary(), "grade": by_student.get(verdict.student)} for verdict in verdicts]
    names = course.roster() if grades else {}
    texts = {
        arguments.csv: tables.csv_text(assignment, verdicts, grades),
        arguments.json: json.dumps(summaries, indent=1, ensure_ascii=False) + "\n",
        arguments.moodle: lms_export.moodle_csv(assignment.name, grades, names),
        arguments.canvas: lms_export.canvas_csv(assignment.name, grades, names),
    }
    for target, text in texts.items():
        if target is not None:
            write(target, text)
    return 0


def extend(arguments: argparse.Namespace) -> int:
    """Give one student more time, and renew the penalty of what was submitted."""
    course = Course(arguments.course, db=arguments.db)
    assignment = course.assignment(arguments.assignment)
    extra = extensions.extra_time(arguments.days, arguments.hours)
    with course.gradebook() as book:
        due = extensions.grant(book, assignment.name, arguments.name, extra)
        graded = any(grade.student == arguments.name for grade in grades_of(book, assignment.name))
    _out.print(f"{arguments.name} may submit {assignment.name} until {due:%Y-%m-%d %H:%M} UTC.")
    problem = late_penalty.assign(course.config, course.places.db_url, assignment.name, arguments.name)
    if problem:
        _out.print(f"The course's plug-in for late penalties failed: {problem}")
    elif graded:
        _out.print(f"The penalty is renewed; `autograder grade {assignment.name}` renews the feedback.")
    return 0


def similar(arguments: argparse.Namespace) -> int:
    """Print the pairs of submissions with similar answers, apart from what was given out."""
    course = Course(arguments.course, db=arguments.db)
    assignment = course.assignment(arguments.assignment)
    given = similarity.given_out(course.released(assignment.name), assignment)
    answers = {work.student: similarity.answer(work, given) for work in course.submissions(assignment.name)}
    comparison = similarity.compare(answers, arguments.least)
    for pair in comparison.pairs:
        _out.print(f"{pair.percent:3.0f} %  {pair.first}  {pair.second}")
        for line in pair.shared:
            _out.print(f"       both: {line[:100]}")
    count = len(comparison.pairs)
    heading = (
        f"{count} pairs of {arguments.least:g} % or more" if count != 1 else f"1 pair of {arguments.least:g} % or more"
    )
    _out.print(
        f"{heading}; the median of all pairs is {comparison.median:.0f} %. A high number is no proof: read both."
    )
    if comparison.too_short:
        _out.print(f"Too short to compare: {', '.join(comparison.too_short)}")
    return 0
