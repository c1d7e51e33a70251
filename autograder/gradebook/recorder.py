"""Records verdicts: scores in the gradebook, the executed notebook and the feedback in their folders.

Only the process of the recorder writes; executors only return verdicts. The order of the writes is what makes a run
go on where it was cut off, at whatever moment: old feedback goes first, then the verdict is kept, then come the scores,
and the feedback last. So a kept verdict was recorded in full when its feedback is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from autograder.checks.assignment import Assignment
from autograder.gradebook import feedback, late_penalty, run_lock
from autograder.gradebook.course import Course
from autograder.gradebook.graded_folders import complete_feedback, complete_graded, discard_folder, replace_folder
from autograder.gradebook.grades import grade_of
from autograder.gradebook.scores import answers, blank, cells, enter, has, has_score, is_up_to_date, record
from autograder.gradebook.verdict_store import VerdictStore, write
from autograder.scheduling.executor import Executor, LocalExecutor, Started, grade
from autograder.submission import Submission
from autograder.verdict import Verdict


class Recorder:
    """The one writer of a course's scores and feedback; without an ``executor``, this process grades."""

    def __init__(self, course: Course, executor: Executor | None = None) -> None:
        self._course = course
        self._executor = executor or LocalExecutor(course.grading_config())
        #: Why the course's plug-in decided no penalty, by student.
        self.penalty_problems: dict[str, str] = {}
        #: The students whose work could not be graded, and who have no score for it from before.
        self.without_score: set[str] = set()

    def grade(
        self,
        submissions: Iterable[Submission],
        *,
        regrade: bool = False,
        started: Started = lambda *_: None,
        between: Callable[[], object] = lambda: None,
    ) -> Iterator[Verdict]:
        """Grade submissions and record each verdict as soon as it is known.

        What is known already is not run again, unless ``regrade`` asks for it. ``started`` and ``between`` are those of
        :func:`autograder.scheduling.executor.grade`.
        """
        submissions = list(submissions)
        for name in sorted({submission.assignment for submission in submissions}):
            work = [submission for submission in submissions if submission.assignment == name]
            with run_lock.held(self._course.build / "grading.lock", f"grading {name}"):
                yield from self._grade(self._course.assignment(name), work, regrade, started, between)

    def record(self, verdict: Verdict, submission: Submission | None = None) -> None:
        """Write the scores, the penalty, and what is shown of them; nothing when the grader is at fault.

        The files of the ``submission`` go beside the executed notebook, where nbgrader puts them.
        """
        submitted_at = self._course.submitted_at(verdict.student, verdict.assignment)
        with self._course.gradebook() as book:
            if not record(book, verdict, submitted_at):
                return
        if submission is not None:
            files = self._course.assignment(verdict.assignment).graded_files(submission.files)
            replace_folder(self._graded(submission.student, verdict.assignment), files)
        self._show(verdict)

    def _show(self, verdict: Verdict) -> None:
        """Write the penalty, and what is shown of the verdict and of what persons gave."""
        student, name = verdict.student, verdict.assignment
        self._renew_penalty(student, name)
        with self._course.gradebook() as book:
            grade, known = grade_of(book, name, student), cells(book, name)
        shown, page = self._shown(student, name)
        advice = self._course.advice(name)
        rendered = feedback.rendered(verdict, self._course.released(name), grade, known, advice)
        write(shown, rendered.notebook + "\n")
        complete_graded(shown.parent, self._course.folder("submitted", student, name))
        complete_feedback(page.parent, shown.parent)
        write(page, rendered.page)

    def _grade(
        self,
        assignment: Assignment,
        submissions: list[Submission],
        regrade: bool,
        started: Started,
        between: Callable[[], object],
    ) -> Iterator[Verdict]:
        verdicts = self._course.verdicts(assignment, self._executor.config)
        self._release(assignment)
        fresh = []
        for submission in submissions:
            verdict = None if regrade else verdicts.known(submission)
            if verdict is None:
                fresh.append(submission)
            else:
                between()
                verdicts.settle(submission.student)
                self._make_sure_of(verdict, submission)
                yield verdict
        self._blank(verdicts, [submission for submission in fresh if verdicts.is_of_other_work(submission)])
        work = {submission.student: submission for submission in fresh}
        for verdict in grade(fresh, self._executor, started=started, between=between):
            noted = self._noted(verdict)
            self._keep(verdicts, work[verdict.student], noted)
            yield noted

    def _keep(self, verdicts: VerdictStore, submission: Submission, verdict: Verdict) -> None:
        if verdict.state != "infra-error":
            self._forget_shown(submission)
        verdicts.keep(submission, verdict)
        self.record(verdict, submission)
        if verdict.state == "infra-error":
            with self._course.gradebook() as book:
                if not has_score(book, verdict.assignment, verdict.student):
                    self.without_score.add(verdict.student)

    def _make_sure_of(self, verdict: Verdict, submission: Submission) -> None:
        """Record a known verdict if a run was cut off before it was, or if the gradebook is new.

        Otherwise renew the time of submission, which a person may have corrected, the penalty, which follows it, due
        date and extension, and a page of ours that shows other points.
        """
        student, name = verdict.student, verdict.assignment
        with self._course.gradebook() as book:
            if recorded := has(book, verdict):
                enter(book, name, student, self._course.submitted_at(student, name))
        _, page = self._shown(student, name)
        if not recorded or not page.is_file():
            self.record(verdict, submission)
            return
        self._renew_penalty(student, name)
        with self._course.gradebook() as book:
            version = feedback.grade_version(grade_of(book, name, student))
        with page.open(encoding="utf-8", errors="replace") as text:
            shown = re.search(r'name="drydock-grade" content="(\w+)"', text.read(2000))
        if shown and shown[1] != version:
            self._show(verdict)

    def _renew_penalty(self, student: str, assignment: str) -> None:
        problem = late_penalty.assign(self._course.config, self._course.places.db_url, assignment, student)
        if problem:
            self.penalty_problems[student] = problem

    def _blank(self, verdicts: VerdictStore, replaced: Iterable[Submission]) -> None:
        """Remove scores and feedback of work that was replaced, so that none stays even if this run is interrupted."""
        with self._course.gradebook() as book:
            for submission in replaced:
                blank(book, submission.assignment, submission.student)
                self._forget_shown(submission)
                verdicts.forget(submission.student)

    def _noted(self, verdict: Verdict) -> Verdict:
        """Add a note when answer cells are missing."""
        with self._course.gradebook() as book:
            wanted = answers(book, verdict.assignment)
        gone = feedback.missing_cells(verdict, wanted)
        if not gone:
            return verdict
        note = f"The notebook lacks cells for an answer: {', '.join(sorted(gone))}. Were they deleted or copied?"
        return replace(verdict, note=f"{verdict.note} {note}".strip())

    def _forget_shown(self, submission: Submission) -> None:
        for file in self._shown(submission.student, submission.assignment):
            discard_folder(file.parent)

    def _shown(self, student: str, assignment: str) -> tuple[Path, Path]:
        """Return the files of the executed notebook, for formgrader, and of the student's feedback."""
        ran = self._graded(student, assignment) / f"{assignment}.ipynb"
        return ran, self._course.folder("feedback", student, assignment) / f"{assignment}.html"

    def _graded(self, student: str, assignment: str) -> Path:
        return self._course.folder("autograded", student, assignment)

    def _release(self, assignment: Assignment) -> None:
        """Make the student version, unless the gradebook knows the assignment: it does from then on."""
        with self._course.gradebook() as book:
            ready = is_up_to_date(book, assignment)
        if not ready:
            self._course.release(assignment.name)
