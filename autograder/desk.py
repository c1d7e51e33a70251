"""Where graded work is put down: marks in the gradebook, the executed notebook and the feedback in their folders.

Only the process at the desk writes; whatever grades only returns verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from autograder import feedback, notebook
from autograder.course import Course
from autograder.grade import Submission, grade
from autograder.gradebook import is_up_to_date, record
from autograder.verdict import Verdict


class Desk:
    """The one writer of a course's marks and feedback."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def grade(self, submissions: Iterable[Submission]) -> Iterator[Verdict]:
        """Grade submissions of one assignment and put each away as soon as it is known."""
        submissions = list(submissions)
        for stem in sorted({submission.assignment for submission in submissions}):
            self._open(stem)
        for verdict in grade(submissions):
            self.put_away(verdict)
            yield verdict

    def put_away(self, verdict: Verdict) -> None:
        """Write the marks, and what is shown of them; nothing when the grader is at fault."""
        with closing(self._course.gradebook()) as book:
            if not record(book, verdict):
                return
        where = (verdict.student, verdict.assignment)
        file = f"{verdict.assignment}.ipynb"
        ran = feedback.with_results(verdict)
        _write(self._course.folder("autograded", *where) / file, notebook.text(ran) + "\n")
        _write((self._course.folder("feedback", *where) / file).with_suffix(".html"), feedback.page(verdict))

    def _open(self, stem: str) -> None:
        """The gradebook knows an assignment once its student version was made."""
        with closing(self._course.gradebook()) as book:
            ready = is_up_to_date(book, stem)
        if not ready:
            self._course.release(stem)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
