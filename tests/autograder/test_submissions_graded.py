"""Test submissions: there are enough of them, and each gets exactly the verdict it must get."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.assignment import known
from autograder.execution import sanitize
from autograder.execution.kernel_container import Limits
from autograder.gradebook.course import Course
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.submission import INSTRUCTOR_PAGE
from autograder.verdict import Verdict
from tests.autograder.conftest import ROOT, load_assignment
from tests.fixtures import notebooks
from tests.fixtures.notebooks import FROZEN, assignments, cases_of, expected, source
from tests.fixtures.table import submissions_table
from tests.kept_results import kept

each_assignment = pytest.mark.parametrize("assignment", assignments())
#: The same, each in a group of its own: grading takes minutes.
each_assignment_graded = pytest.mark.parametrize(
    "assignment", [pytest.param(name, marks=pytest.mark.xdist_group(f"graded-{name}")) for name in assignments()]
)
#: The number of longer test submissions in one test; for `production`, the slowest, they take seven minutes.
_TOGETHER = 8
#: More than any of these takes, also on a computer that is busy with other tests.
PATIENT = GradingConfig(limits=Limits(cell_seconds=600, total_seconds=1200))


def failed(assignment: str, name: str) -> set[str]:
    """The checks that a test submission must fail."""
    return {check for check, state in expected(assignment, name)["checks"].items() if state == "failed"}


def outcome(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as in ``verdict.json``."""
    states = {result.id: result.state for result in verdict.checks}
    return {"state": verdict.state, "score": verdict.score, "checks": states}


def test_each_assignment_has_test_submissions() -> None:
    """One file for each, of the same name as its checks."""
    assert assignments() == known(ROOT / "assignments")


@each_assignment
def test_each_check_has_a_submission_that_fails_only_it(assignment: str) -> None:
    """So there is no check that nothing fails, and none that fails with another one only."""
    failures = [failed(assignment, name) for name in cases_of(assignment)]
    assert [check.id for check in load_assignment(assignment).checks if {check.id} not in failures] == []


@each_assignment
def test_there_are_ways_to_full_marks(assignment: str) -> None:
    """The assignment's own solution, and at least two that are nothing like it."""
    perfect = {name for name in cases_of(assignment) if not failed(assignment, name)}
    assert perfect > {"perfect"}
    assert len(perfect) >= 3
    assert {expected(assignment, name)["score"] for name in perfect} == {
        sum(check.points for check in load_assignment(assignment).checks)
    }


@each_assignment
@pytest.mark.parametrize("name", ["blank", "starter", "cheat-skip-execution", "cheat-swallow"])
def test_who_did_nothing_gets_nothing(assignment: str, name: str) -> None:
    """Neither an empty answer, nor the notebook as it was released, nor tricks on it are worth a point."""
    assert expected(assignment, name)["score"] == 0


@pytest.mark.slow
@each_assignment
def test_what_students_get_holds_no_solution(course: Course, assignment: str) -> None:
    """No line of a solution and no page for instructors is in it; all checks are, and it is what `starter` submits."""
    folder = course.release(assignment)
    text = (folder / f"{assignment}.ipynb").read_text()
    assert "SOLUTION" not in text
    assert (ROOT / "assignments" / assignment / INSTRUCTOR_PAGE).is_file()
    assert not (folder / INSTRUCTOR_PAGE).exists()
    assert [line for line in solution_lines(assignment) if line in text] == []
    assert [check.id for check in load_assignment(assignment).checks if f'check(\\"{check.id}\\")' not in text] == []
    given = sanitize.read((folder / f"{assignment}.ipynb").read_bytes())
    untouched = sanitize.read(notebooks.notebook_of(assignment, "starter"))
    assert [cell.source for cell in given.cells] == [cell.source for cell in untouched.cells]


def solution_lines(assignment: str) -> list[str]:
    """Return the lines between nbgrader's comments around a solution, without the very short ones."""
    lines, inside = [], False
    for line in "\n".join(cell.source for cell in source(assignment).cells).splitlines():
        inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
        if inside and "BEGIN SOLUTION" not in line and len(line.strip()) > 8:
            lines.append(line.strip())
    assert lines
    return lines


def test_the_table_counts_what_there_is() -> None:
    """A row for each assignment."""
    rows = submissions_table().splitlines()
    assert [row.split("`")[1] for row in rows[2:]] == assignments()
    assert f" {len(cases_of('service'))} |" in rows[2 + assignments().index("service")]


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@each_assignment_graded
def test_each_submission_gets_its_verdict(course: Course, assignment: str) -> None:
    """By day: the solution of each, and `service` as it was released."""
    with kept(f"{assignment}-graded", [ROOT / "assignments" / assignment, Path(__file__)]):
        grade_all(course, assignment, [name for name, case in cases_of(assignment).items() if not case.nightly])


def longer() -> Iterator[Any]:
    """The test submissions that the shorter run leaves out, in groups: an assignment and their names."""
    for assignment in assignments():
        names = [name for name, case in cases_of(assignment).items() if case.nightly]
        for first in range(0, len(names), _TOGETHER):
            yield pytest.param(
                assignment,
                names[first : first + _TOGETHER],
                id=f"{assignment}-from-{names[first]}",
                marks=pytest.mark.xdist_group(f"graded-{assignment}"),
            )


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("assignment", "names"), list(longer()))
def test_each_nightly_submission_gets_its_verdict(course: Course, assignment: str, names: list[str]) -> None:
    """Return the test submissions that the shorter run leaves out."""
    grade_all(course, assignment, names)


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@each_assignment_graded
def test_the_solution_has_full_marks_ten_times(course: Course, assignment: str) -> None:
    """In a row, each time in a machine of its own: an honest answer may not depend on luck."""
    verdicts = graded(course, assignment, {f"perfect-{number}": "perfect" for number in range(10)})
    assert {student: outcome(verdict) for student, verdict in verdicts.items()} == dict.fromkeys(
        verdicts, expected(assignment, "perfect")
    )
    assert len(verdicts) == 10


def grade_all(course: Course, assignment: str, names: Sequence[str]) -> None:
    """Grade these test submissions, each as the work of a student of the same name, and compare."""
    verdicts = graded(course, assignment, {name: name for name in names})
    assert {name: outcome(verdict) for name, verdict in verdicts.items()} == {
        name: expected(assignment, name) for name in names
    }


def graded(course: Course, assignment: str, names: Mapping[str, str]) -> dict[str, Verdict]:
    """Return the verdicts on test submissions, by the names of their students."""
    for student, name in names.items():
        submitted = course.folder("submitted", student, assignment)
        notebooks.write(assignment, name, submitted)
    with ProcessPool(2, PATIENT) as executor:
        verdicts = {verdict.student: verdict for verdict in grade(course.submissions(assignment), executor)}
    for verdict in verdicts.values():
        print(f"{verdict.seconds:5.1f} s  {verdict.student}", file=sys.stderr)
        print(
            *(f"{result.id}: {result.reason}" for result in verdict.checks if result.state == "failed"),
            sep="\n",
            file=sys.stderr,
        )
    return verdicts


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@each_assignment_graded
def test_a_frozen_submission_still_gets_full_marks(course: Course, assignment: str) -> None:
    """A notebook that was submitted once, and is never made anew, keeps its verdict."""
    course.release(assignment)
    submitted = course.folder("submitted", "frozen", assignment)
    submitted.mkdir(parents=True)
    shutil.copy(FROZEN / f"{assignment}.ipynb", submitted)
    with ProcessPool(1, PATIENT) as executor:
        [verdict] = grade(course.submissions(assignment), executor)
    assert outcome(verdict) == expected(assignment, "perfect")
