"""Where graded work is put down."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import AlreadyGrading
from autograder.execution import sanitize
from autograder.gradebook import run_lock
from autograder.gradebook.course import Course
from autograder.gradebook.grades import grade_of
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import scores
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import Executor, LocalExecutor
from autograder.submission import Executable, Submission
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
    results = [Result(check.id, check.line, check.points, outcome) for check in load_assignment().checks]
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
    assert generated(course) == {
        f"{folder}/ada/service/{name}"
        for folder, own in (("autograded", "service.ipynb"), ("feedback", "service.html"))
        for name in (own, "timestamp.txt", "submission_secret.txt")
    }
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


@pytest.mark.slow
def test_grading_releases_what_the_gradebook_does_not_know(course: Course) -> None:
    """An instructor may grade on a computer where nothing was released yet."""
    [verdict] = list(Recorder(course).grade([Submission("ada", "service", b"no notebook")]))
    assert verdict.state == "unreadable"
    assert Path(course.root / "build/gradebook.db").is_file()


def graded(course: Course, *work: Submission, executor: Executor | None = None, regrade: bool = False) -> list[State]:
    """The states that a run comes to."""
    return [
        verdict.state
        for verdict in Recorder(course, executor or LocalExecutor(BOOT_FAILS)).grade(work, regrade=regrade)
    ]


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


@pytest.mark.slow
def test_a_gradebook_that_was_lost_is_filled_again(course: Course, recorder: Recorder) -> None:
    """From what is known, without running anything."""
    work = Submission("ada", "service", b"no notebook")
    assert graded(course, work) == ["unreadable"]
    (course.root / "build/gradebook.db").unlink()
    (course.root / "build/feedback/ada/service/service.html").unlink()
    assert graded(course, work) == ["unreadable"]
    assert mark(course) == 0
    assert "feedback/ada/service/service.html" in generated(course)


def test_files_lie_beside_the_notebook_as_nbgrader_puts_them(course: Course) -> None:
    """The student's, replaced by the released ones, with the execute bit; none of an earlier submission stays."""
    old = Submission("ada", "service", b"no notebook", {"old.txt": b"1"})
    new = Submission("ada", "service", b"no notebook", {"run.sh": Executable(b"#!/bin/sh"), "checks.py": b"1"})
    for work in (old, new):
        list(Recorder(course).grade([work]))
    folder = course.folder("autograded", "ada", "service")
    names = {path.name for path in folder.iterdir()}
    assert names == {"service.ipynb", "run.sh", "checks.py", "timestamp.txt", "submission_secret.txt"}
    assert (folder / "run.sh").stat().st_mode & 0o100
    assert (folder / "checks.py").read_bytes() == (course.root / "assignments/service/checks.py").read_bytes()


def test_files_that_can_not_be_written_stop_nobody(course: Course, tmp_path: Path) -> None:
    """In the place of a released folder, below a released file, below the notebook, or with a name too long."""
    given = course.root / "assignments" / "service" / "tables"
    given.mkdir()
    (given / "a.csv").write_text("released")
    odd = ["tables", "checks.py/x", "service.ipynb/x", "n" * 300, "mine/x"]
    work = Submission("ada", "service", b"no notebook", dict.fromkeys([*odd, "mine", "page.html"], b"1"))
    assert graded(course, work) == graded(course, work) == ["unreadable"]
    folder = course.folder("autograded", "ada", "service")
    assert (folder / "tables" / "a.csv").read_text() == "released"
    assert {(folder / name).read_bytes() for name in ("mine", "page.html")} == {b"1"}
    assert (folder / "checks.py").is_file()


def test_trouble_of_another_try_is_over_when_the_verdict_is_known(course: Course, recorder: Recorder) -> None:
    """Reports then have the score again, without grading anything."""
    work = Submission("ada", "service", notebook_of("1"))
    store = course.verdicts(load_assignment(), BOOT_FAILS)
    store.keep(work, verdict("passed"))
    assert graded(course, work, regrade=True) == ["infra-error"]
    assert [last.state for last in store.all()] == ["infra-error"]
    assert graded(course, work) == ["graded"]
    assert [last.state for last in store.all()] == ["graded"]


def test_trouble_takes_no_score_of_another_program_away(course: Course, recorder: Recorder) -> None:
    """`nbgrader autograde` gave it, or the verdicts were deleted: nobody knows that the work was replaced."""
    recorder.record(verdict("passed"))
    grader = Recorder(course, LocalExecutor(BOOT_FAILS))
    [trouble] = grader.grade([Submission("ada", "service", notebook_of("1"))])
    assert trouble.state == "infra-error"
    assert mark(course) == 10
    assert grader.without_score == set()


def test_replaced_work_that_can_not_be_graded_is_named(course: Course, recorder: Recorder) -> None:
    """In each run until there is a verdict: its old score was removed, and there is no new one."""
    course.verdicts(load_assignment(), BOOT_FAILS).keep(Submission("ada", "service", b"1"), verdict("passed"))
    recorder.record(verdict("passed"))
    for _ in range(2):
        grader = Recorder(course, LocalExecutor(BOOT_FAILS))
        list(grader.grade([Submission("ada", "service", notebook_of("2"))]))
        assert grader.without_score == {"ada"}
    assert mark(course) is None


def test_a_corrected_time_counts_at_the_next_run(course: Course) -> None:
    """Nothing is graded again, and the penalty follows the new time."""
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    work = Submission("ada", "service", b"no notebook")
    submitted = course.folder("submitted", "ada", "service")
    submitted.mkdir(parents=True)
    course.release("service")
    with course.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-01 00:00:00")
    penalties = []
    for day in ("2026-11-28", "2026-10-28"):
        (submitted / "timestamp.txt").write_text(f"{day} 09:00:00 UTC")
        list(Recorder(course).grade([work]))
        give(course, 2, "")
        list(Recorder(course).grade([work]))
        with course.gradebook() as book:
            grade = grade_of(book, "service", "ada")
        assert grade is not None
        assert str(grade.submitted_at) == f"{day} 09:00:00"
        penalties.append(grade.penalty)
    assert penalties == [2, 0]
    assert day in (course.folder("autograded", "ada", "service") / "timestamp.txt").read_text()


def give(course: Course, points: float, comment: str) -> None:
    """Grade ada's open question by hand."""
    with course.gradebook() as book:
        where = ("service-in-words", "service", "service", "ada")
        book.find_grade(*where).manual_score = points
        book.find_grade(*where).needs_manual_grade = False
        book.find_comment(*where).manual_comment = comment
        book.db.commit()


def test_the_page_has_what_persons_gave_and_what_is_to_come(course: Course) -> None:
    """Before a person graded: 2 to come. Afterwards the same command renews the page, with points and comment."""
    work = Submission("ada", "service", b"no notebook")
    page = course.root / "build/feedback/ada/service/service.html"
    list(Recorder(course).grade([work]))
    assert "of 12 points" in page.read_text()
    assert "2 to be marked by a person" in page.read_text()
    give(course, 1.5, "Good <b>idea</b>")
    list(Recorder(course).grade([work]))
    assert "1.5 <small>of 12 points" in page.read_text()
    assert "Good &lt;b&gt;idea&lt;/b&gt;" in page.read_text()
    assert "to be marked" not in page.read_text()
    page.write_text("a page of nbgrader's")
    list(Recorder(course).grade([work]))
    assert page.read_text() == "a page of nbgrader's"


def test_a_late_penalty_follows_due_date_and_extension(course: Course) -> None:
    """It is nbgrader's, renewed by each run; what a person gave stays."""
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    work = Submission("ada", "service", b"no notebook")
    submitted = course.folder("submitted", "ada", "service")
    submitted.mkdir(parents=True)
    (submitted / "timestamp.txt").write_text("2026-11-28 09:00:00 UTC")
    course.release("service")
    with course.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-01 00:00:00")
    list(Recorder(course).grade([work]))
    give(course, 2, "")
    penalties = []
    for days in (0, 60):
        with course.gradebook() as book:
            book.grant_extension("service", "ada", days=days)
        list(Recorder(course).grade([work]))
        with course.gradebook() as book:
            grade = grade_of(book, "service", "ada")
        assert grade is not None
        assert grade.raw == 2
        penalties.append(grade.penalty)
    assert penalties == [2, 0]


def test_two_coordinators_do_not_get_in_each_others_way(course: Course, recorder: Recorder) -> None:
    """The second learns who the first is."""
    with run_lock.held(course.build / "grading.lock", "grading service"), pytest.raises(AlreadyGrading):
        graded(course, Submission("ada", "service", b""))
