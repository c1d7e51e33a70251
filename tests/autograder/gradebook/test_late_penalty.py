"""The penalty for lateness."""

from __future__ import annotations

from nbgrader.plugins import LateSubmissionPlugin

from autograder.gradebook import late_penalty
from autograder.gradebook.course import Course
from autograder.gradebook.graded_folders import submitted_at
from autograder.gradebook.grades import grade_of
from autograder.gradebook.scores import record
from tests.autograder.gradebook.test_scores import verdict


class Broken(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader has no types
    """A plug-in of a course, with a mistake."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Fail."""
        raise ZeroDivisionError("hours per day")


def test_the_courses_plug_in_decides(released: Course) -> None:
    """A mistake in it is returned as a line, and no penalty is written; nbgrader's own takes all points."""
    folder = released.folder("submitted", "ada", "service")
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-11-28 09:00:00")
    with released.gradebook() as book:
        book.update_or_create_assignment("service", duedate="2026-11-01 00:00:00")
        record(book, verdict("passed"), submitted_at(folder))
    url, config = released.places.db_url, released.config
    config.LateSubmissionPlugin.penalty_method = "zero"
    assert late_penalty.assign(config, url, "service", "ada") == ""
    with released.gradebook() as book:
        grade = grade_of(book, "service", "ada")
    assert grade is not None
    assert (grade.raw, grade.penalty, grade.score) == (10, 10, 0)
    config.AssignLatePenalties.plugin_class = Broken
    assert late_penalty.assign(config, url, "service", "ada") == "ZeroDivisionError: hours per day"
