"""Records verdicts in the present folder's course, as grading would: all checks, less one for Bob, none for Eve."""

from __future__ import annotations

from pathlib import Path

from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.submission import Submission
from autograder.verdict import Outcome, Result, Verdict


def verdict_of(course: Course, work: Submission) -> Verdict:
    """Return the verdict that a student's work must get."""
    name, student = work.assignment, work.student

    def outcome(check_id: str) -> Outcome:
        if student == "eve":
            return "skipped"
        return "failed" if student == "bob" and check_id == "service.memory" else "passed"

    checks = course.assignment(name).checks
    results = tuple(Result(check.id, check.line, check.points, outcome(check.id)) for check in checks)
    read = student != "eve"
    notebook = work.notebook.decode() if read else ""
    return Verdict(student, name, "graded" if read else "unreadable", results, 1, notebook)


def main() -> None:
    """Record a verdict for each submission of `service`."""
    course = Course(Path())
    recorder = Recorder(course)
    for work in course.submissions("service"):
        recorder.record(verdict_of(course, work), work)


if __name__ == "__main__":
    main()
