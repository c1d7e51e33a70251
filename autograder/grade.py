"""``grade_one``: bytes in, verdict out. What decides a point looks at the daemon from outside.

The notebook runs first, in a container inside the sandbox; that container is stopped and gone before the first
check looks. Nothing that the notebook printed is read for a point, and no check is taken from the submission.
"""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace

import requests
from docker import DockerClient
from docker.errors import DockerException

from autograder.checks.assignment import Assignment
from autograder.checks.context import CheckContext
from autograder.checks.runner import not_run, run
from autograder.errors import TooLarge, UnreadableNotebook
from autograder.execution import kernel_container, sanitize, workspace
from autograder.execution.kernel_container import RunResult
from autograder.sandbox.machine_sandbox import Sandbox
from autograder.sandbox.second_sandbox import SecondSandbox
from autograder.submission import Submission
from autograder.verdict import State, Verdict

_log = logging.getLogger(__name__)

_GONE = "After the notebook had run, Docker no longer answered. Does the notebook stop what it works with?"
#: What a student reads when the grader is at fault.
BROKE = "The grader failed. That is not your fault, and your score did not change."
_NOTES: dict[State, str] = {
    "timed-out": "The notebook did not end in time and was stopped. What it had started by then was looked at.",
    "crashed": "The notebook's kernel died. What it had started by then was looked at.",
}


class _DaemonGone(Exception):
    """The daemon answered before the notebook ran, and not after it; ``executed`` is the notebook as far as it came."""

    def __init__(self, executed: str = "") -> None:
        super().__init__("the daemon no longer answers")
        self.executed = executed


def grade_one(submission: Submission, sandbox: Sandbox, assignment: Assignment) -> Verdict:
    """Return the verdict on a submission, which is graded in a sandbox of its own that is not entered yet."""
    began = time.monotonic()
    grading = _Grading(submission, sandbox, assignment)
    try:
        verdict = grading.verdict()
    except UnreadableNotebook as error:
        note = f"The notebook could not be read: {error.why}. {error.next}"
        verdict = replace(grading.blank, state="unreadable", note=note)
    except Exception:
        _log.exception("grading %s of %s broke", submission.assignment, submission.student)
        trace = traceback.format_exc()
        verdict = replace(grading.blank, state="infra-error", note=BROKE, diagnostics=trace, try_again=True)
    return replace(verdict, seconds=time.monotonic() - began)


class _Grading:
    """One submission on its way to a verdict; ``blank`` is a verdict without any points."""

    def __init__(self, submission: Submission, sandbox: Sandbox, assignment: Assignment) -> None:
        self._submission = submission
        self._sandbox = sandbox
        self._assignment = assignment
        self._token = secrets.token_hex(6)
        checks = tuple(not_run(assignment.checks))
        self.blank = Verdict(submission.student, submission.assignment, "graded", checks, 0)

    def verdict(self) -> Verdict:
        """Read the notebook, run it in the sandbox, and look at what it left."""
        if self._submission.problem:
            raise UnreadableNotebook(self._submission.problem)
        runnable = sanitize.bare(sanitize.read(self._submission.notebook))
        notebook = {self._name: sanitize.text(runnable).encode()}
        files = {**self._assignment.files_for(self._submission.files), **notebook}
        with self._sandbox, closing(self._sandbox.client()) as client:
            client.ping()
            self.blank = replace(self.blank, isolation=self._sandbox.isolation)
            try:
                return self._run_and_check(client, files)
            except _DaemonGone as gone:
                if self._sandbox.was_killed():
                    raise RuntimeError("the machine was killed from outside") from None
                crashed = replace(self.blank, state="crashed", note=_GONE, notebook=gone.executed, try_again=True)
                return replace(crashed, diagnostics=traceback.format_exc())

    def _run_and_check(self, client: DockerClient, files: Mapping[str, bytes]) -> Verdict:
        # By its name the notebook may mean another image afterwards; an id stays what it is.
        images = {tag: str(image["Id"]) for image in client.api.images() for tag in image.get("RepoTags") or ()}
        state, executed, folder = self._run(client, files)
        self._sandbox.boot_next()
        work = workspace.left(client, folder, images.get(workspace.IMAGE, workspace.IMAGE))
        with closing(SecondSandbox(self._sandbox.another, self._token, folder)) as second:
            context = CheckContext(client, self._sandbox.reach, self._token, work, images, another=second.context)
            results = run(self._assignment.checks, context) if _answers(client) else []
        broke = any(result.state == "error" for result in results)
        if not results or (broke and not _answers(client)):
            raise _DaemonGone(executed)
        if broke:
            return replace(self.blank, state="infra-error", checks=tuple(results), note=BROKE, try_again=True)
        note = _NOTES.get(state, "")
        return replace(self.blank, state=state, checks=tuple(results), notebook=executed, note=note)

    def _run(self, client: DockerClient, files: Mapping[str, bytes]) -> tuple[State, str, bytes]:
        """Return how the notebook's run ended, the executed notebook as JSON text, and an archive of its folder."""
        try:
            ran = kernel_container.run(client, self._name, files, self._token, self._assignment.limits)
        except (TooLarge, requests.TooManyRedirects):  # no honest daemon answers so
            return "crashed", "", b""
        except requests.RequestException as error:  # a connection, a stream or an answer that ended too early
            if _answers(client):
                raise
            raise _DaemonGone from error
        return _state(ran), _executed(ran), ran.folder

    @property
    def _name(self) -> str:
        return f"{self._submission.assignment}.ipynb"


def _state(ran: RunResult) -> State:
    if not ran.in_time or ran.status.get("timed_out") is True:
        return "timed-out"
    return "graded" if ran.exit_code == 0 and ran.status.get("state") == "finished" else "crashed"


def _executed(ran: RunResult) -> str:
    """What the run left, if it is a notebook, without anything that could act in a browser."""
    try:
        return sanitize.text(sanitize.harmless(sanitize.read(ran.notebook)))
    except UnreadableNotebook:
        return ""


def _answers(client: DockerClient) -> bool:
    try:
        return bool(client.ping())
    except (DockerException, requests.RequestException):
        return False
