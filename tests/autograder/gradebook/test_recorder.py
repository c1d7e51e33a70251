"""Where graded work is put down."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import AlreadyGrading
from autograder.execution import sanitize
from autograder.gradebook import run_lock
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import scores
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import Executor, LocalExecutor
from autograder.submission import Submission
from autograder.verdict import Outcome, Result, State, Verdict
from tests.autograder import sandboxes
from tests.autograder.conftest import load_assignment, notebook_of

BOOT_FAILS = GradingConfig(f"{sandboxes.HERE}.BootFails")


@pytest.fixture
def recorder(released: Course) -> Recorder:
    """The recorder of a course that knows its assignment."""
    return Recorder(released)


def verdict(outcome: Outcome, state: State = "graded") -> Verdict:
    """A verdict in which every check came out like this."""
    results = [Result(one.id, one.line, one.points, outcome) for one in load_assignment().checks]
    cell = notebook_of("check('service.token')", nbgrader={"grade_id": "service-token", "grade": True})
    ran = sanitize.text(sanitize.harmless(sanitize.read(cell)))
    return Verdict("ada", "service", state, tuple(results), 1, ran)


def generated(course: Course) -> set[str]:
    """What lies in the folders of graded work."""
    build = course.root / "build"
    folders = (build / "autograded", build / "feedback")
    return {str(path.relative_to(build)) for folder in folders for path in folder.rglob("*.*")}


def test_marks_notebook_and_feedback_are_put_where_nbgrader_looks(course: Course, recorder: Recorder) -> None:
    """Formgrader shows the first two, and the student gets the third."""
    recorder.record(verdict("passed"))
    assert generated(course) == {"autograded/ada/service/service.ipynb", "feedback/ada/service/service.html"}
    assert "✔ 1/1" in (course.root / "build/autograded/ada/service/service.ipynb").read_text()
    with course.gradebook() as book:
        assert sum(scores(book, load_assignment(), "ada").values()) == 10


def test_the_graders_own_trouble_leaves_everything_as_it_was(course: Course, recorder: Recorder) -> None:
    """Feedback of an earlier run stays."""
    recorder.record(verdict("passed"))
    page = course.root / "build/feedback/ada/service/service.html"
    before = page.read_bytes()
    recorder.record(verdict("error", "infra-error"))
    assert page.read_bytes() == before


def test_grading_releases_what_the_gradebook_does_not_know(course: Course) -> None:
    """An instructor may grade on a computer where nothing was released yet."""
    [seen] = list(Recorder(course).grade([Submission("ada", "service", b"no notebook")]))
    assert seen.state == "unreadable"
    assert Path(course.root / "build/gradebook.db").is_file()


def graded(course: Course, *work: Submission, executor: Executor | None = None, regrade: bool = False) -> list[State]:
    """The states that a run comes to."""
    return [seen.state for seen in Recorder(course, executor or LocalExecutor(BOOT_FAILS)).grade(work, regrade=regrade)]


def mark(course: Course) -> float | None:
    """The points of ada's checks in the gradebook; None when a check has none."""
    with course.gradebook() as book:
        grades = book.find_submission_notebook("service", "service", "ada").grades
        checks = {check.grade_id for check in load_assignment().checks}
        points = [grade.auto_score for grade in grades if grade.name in checks]
    return None if None in points else sum(points)


def test_what_is_known_is_not_run_again(course: Course, recorder: Recorder, tmp_path: Path) -> None:
    """Unless that is asked for."""
    file = str(tmp_path / "tries")
    work = Submission("ada", "service", notebook_of("1"))
    course.verdicts(load_assignment(), GradingConfig()).keep(work, verdict("passed"))
    executor = LocalExecutor(GradingConfig())
    assert graded(course, work, executor=executor) == ["graded"]
    assert mark(course) == 10
    trouble = LocalExecutor(GradingConfig(f"{sandboxes.HERE}.BootFails", {"file": file}))
    assert graded(course, work, executor=trouble, regrade=True) == ["infra-error"]
    assert sandboxes.noted(file) == 3


def test_trouble_is_not_known_and_changes_no_mark(course: Course, recorder: Recorder) -> None:
    """The same work keeps its score, and the next run tries it again."""
    work = Submission("ada", "service", notebook_of("1"))
    course.verdicts(load_assignment(), BOOT_FAILS).keep(work, verdict("passed"))
    recorder.record(verdict("passed"))
    assert graded(course, work, regrade=True) == ["infra-error"]
    assert mark(course) == 10
    other = Submission("ada", "service", notebook_of("2"))
    assert graded(course, other) == graded(course, other) == ["infra-error"]


def test_the_mark_of_other_work_is_blanked_before_a_run(course: Course, recorder: Recorder) -> None:
    """Whatever happens to the run, a score for replaced work would be wrong."""
    work = Submission("ada", "service", notebook_of("1"))
    course.verdicts(load_assignment(), BOOT_FAILS).keep(work, verdict("passed"))
    recorder.record(verdict("passed"))
    assert graded(course, Submission("ada", "service", notebook_of("2"))) == ["infra-error"]
    assert mark(course) is None
    assert generated(course) == set()
    assert [last.state for last in course.verdicts(load_assignment(), BOOT_FAILS).all()] == ["infra-error"]


def test_a_gradebook_that_was_lost_is_filled_again(course: Course, recorder: Recorder) -> None:
    """From what is known, without running anything."""
    work = Submission("ada", "service", b"no notebook")
    assert graded(course, work) == ["unreadable"]
    (course.root / "build/gradebook.db").unlink()
    (course.root / "build/feedback/ada/service/service.html").unlink()
    assert graded(course, work) == ["unreadable"]
    assert mark(course) == 0
    assert len(generated(course)) == 2


def test_two_coordinators_do_not_get_in_each_others_way(course: Course, recorder: Recorder) -> None:
    """The second learns who the first is."""
    with run_lock.held(course.build / "grading.lock", "grading service"), pytest.raises(AlreadyGrading):
        graded(course, Submission("ada", "service", b""))
