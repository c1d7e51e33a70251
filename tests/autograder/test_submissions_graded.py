"""Test submissions: there are enough of them, and each gets exactly the verdict it must get."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from autograder.checks.assignment import known
from autograder.execution import sanitize
from autograder.gradebook.course import Course
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.verdict import Verdict
from tests.autograder.conftest import ROOT, assignment
from tests.fixtures import notebooks
from tests.fixtures.notebooks import FROZEN, assignments, cases_of, expected, source
from tests.fixtures.table import submissions_table

each_assignment = pytest.mark.parametrize("stem", assignments())
#: The same, each in a group of its own: grading takes minutes.
each_assignment_graded = pytest.mark.parametrize(
    "stem", [pytest.param(name, marks=pytest.mark.xdist_group(f"graded-{name}")) for name in assignments()]
)
#: So many longer stories make one test. Of `production`, which takes longest, they are graded in seven minutes.
_TOGETHER = 8


def failed(stem: str, name: str) -> set[str]:
    """The checks that a story must fail."""
    return {one for one, state in expected(stem, name)["checks"].items() if state == "failed"}


def told(verdict: Verdict) -> dict[str, object]:
    """A verdict as ``verdict.json`` tells it."""
    states = {result.id: result.state for result in verdict.checks}
    return {"state": verdict.state, "score": verdict.score, "checks": states}


def test_each_assignment_has_stories() -> None:
    """One file for each, of the same name as its checks."""
    assert assignments() == known(ROOT / "assignments")


@each_assignment
def test_each_check_has_a_story_that_fails_only_it(stem: str) -> None:
    """So there is no check that nothing fails, and none that fails with another one only."""
    failures = [failed(stem, name) for name in cases_of(stem)]
    assert [one.id for one in assignment(stem).checks if {one.id} not in failures] == []


@each_assignment
def test_there_are_ways_to_full_marks(stem: str) -> None:
    """The assignment's own solution, and at least two that are nothing like it."""
    perfect = {name for name in cases_of(stem) if not failed(stem, name)}
    assert perfect > {"perfect"}
    assert len(perfect) >= 3
    assert {expected(stem, name)["score"] for name in perfect} == {sum(one.points for one in assignment(stem).checks)}


@each_assignment
@pytest.mark.parametrize("name", ["blank", "starter", "cheat-skip-execution", "cheat-swallow"])
def test_who_did_nothing_gets_nothing(stem: str, name: str) -> None:
    """Neither an empty answer, nor the notebook as it was released, nor tricks on it are worth a point."""
    assert expected(stem, name)["score"] == 0


@each_assignment
def test_what_students_get_holds_no_solution(course: Course, stem: str) -> None:
    """No line of a solution is in it; all checks are, and it is the story of who changed nothing."""
    folder = course.release(stem)
    text = (folder / f"{stem}.ipynb").read_text()
    assert "SOLUTION" not in text
    assert [line for line in solution_lines(stem) if line in text] == []
    assert [one.id for one in assignment(stem).checks if f'check(\\"{one.id}\\")' not in text] == []
    given = sanitize.read((folder / f"{stem}.ipynb").read_bytes())
    starter = sanitize.read(notebooks.notebook_of(stem, "starter"))
    assert [cell.source for cell in given.cells] == [cell.source for cell in starter.cells]


def solution_lines(stem: str) -> list[str]:
    """What stands between the marks of a solution, but for lines too short to mean anything."""
    found, inside = [], False
    for line in "\n".join(cell.source for cell in source(stem).cells).splitlines():
        inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
        if inside and "BEGIN SOLUTION" not in line and len(line.strip()) > 8:
            found.append(line.strip())
    assert found
    return found


def test_the_table_counts_what_there_is() -> None:
    """A row for each assignment."""
    rows = submissions_table().splitlines()
    assert [row.split("`")[1] for row in rows[2:]] == assignments()
    assert f" {len(cases_of('service'))} |" in rows[2 + assignments().index("service")]


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@each_assignment_graded
def test_each_story_gets_its_verdict(course: Course, stem: str) -> None:
    """By day: the solution, the assignment as released, and two more of `service`, which is quick."""
    grade_all(course, stem, [name for name, case in cases_of(stem).items() if not case.nightly])


def longer() -> Iterator[Any]:
    """The stories that the shorter run leaves out, some at a time: an assignment and their names."""
    for stem in assignments():
        names = [name for name, case in cases_of(stem).items() if case.nightly]
        for first in range(0, len(names), _TOGETHER):
            yield pytest.param(
                stem,
                names[first : first + _TOGETHER],
                id=f"{stem}-from-{names[first]}",
                marks=pytest.mark.xdist_group(f"graded-{stem}"),
            )


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("stem", "names"), list(longer()))
def test_each_longer_story_gets_its_verdict(course: Course, stem: str, names: list[str]) -> None:
    """Those that the shorter run leaves out."""
    grade_all(course, stem, names)


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@each_assignment_graded
def test_the_solution_has_full_marks_ten_times(course: Course, stem: str) -> None:
    """In a row, each time in a machine of its own: an honest answer may not depend on luck."""
    verdicts = graded(course, stem, {f"perfect-{number}": "perfect" for number in range(10)})
    assert {student: told(one) for student, one in verdicts.items()} == dict.fromkeys(
        verdicts, expected(stem, "perfect")
    )
    assert len(verdicts) == 10


def grade_all(course: Course, stem: str, names: Sequence[str]) -> None:
    """Grade these stories, each handed in by a student of its name, and compare."""
    verdicts = graded(course, stem, {name: name for name in names})
    assert {name: told(one) for name, one in verdicts.items()} == {name: expected(stem, name) for name in names}


def graded(course: Course, stem: str, stories: Mapping[str, str]) -> dict[str, Verdict]:
    """The verdicts on stories by the names of those who hand them in."""
    for student, name in stories.items():
        submitted = course.folder("submitted", student, stem)
        notebooks.write(stem, name, submitted)
    with ProcessPool(2) as executor:
        verdicts = {one.student: one for one in grade(course.submissions(stem), executor)}
    for one in verdicts.values():
        print(f"{one.seconds:5.1f} s  {one.student}", file=sys.stderr)
        print(
            *(f"{seen.id}: {seen.reason}" for seen in one.checks if seen.state == "failed"), sep="\n", file=sys.stderr
        )
    return verdicts


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
@each_assignment_graded
def test_a_frozen_submission_still_gets_full_marks(course: Course, stem: str) -> None:
    """A notebook that was submitted once, and is never made anew, keeps its verdict."""
    course.release(stem)
    submitted = course.folder("submitted", "frozen", stem)
    submitted.mkdir(parents=True)
    shutil.copy(FROZEN / f"{stem}.ipynb", submitted)
    with ProcessPool(1) as executor:
        [verdict] = grade(course.submissions(stem), executor)
    assert told(verdict) == expected(stem, "perfect")
