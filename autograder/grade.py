"""``grade_one``: bytes in, verdict out. What decides a point looks at the daemon from outside.

The notebook runs first, in a container inside the sandbox; that container is stopped and gone before the first
check looks. Nothing the notebook printed is read for a mark.
"""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace

import requests
from docker import DockerClient
from docker.errors import DockerException

from autograder import kernel, notebook
from autograder.check import Check, checks_of
from autograder.errors import TooLarge, UnreadableNotebook
from autograder.ground import Ground
from autograder.kernel import DEFAULT, Limits, Ran
from autograder.runner import none_looked_at, run
from autograder.sandbox import MachineSandbox, Sandbox
from autograder.verdict import State, Verdict

_log = logging.getLogger(__name__)

_GONE = "After the notebook had run, Docker no longer answered. Does the notebook stop what it works with?"
_BROKE = "Grading broke. That is not your fault and changes no mark."
_MORE_TRIES = 2
_NOTES: dict[State, str] = {
    "timed-out": "The notebook did not end in time and was stopped. What it had started by then was looked at.",
    "crashed": "The notebook's kernel died. What it had started by then was looked at.",
}


@dataclass(frozen=True)
class Submission:
    """What a student handed in: a notebook, and the files beside it by their relative path."""

    student: str
    assignment: str
    notebook: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)


class _DaemonGone(Exception):
    """The daemon answered before the notebook ran, and not after it; says what was left by then."""

    def __init__(self, executed: str = "") -> None:
        super().__init__("the daemon no longer answers")
        self.executed = executed


def grade_one(submission: Submission, sandbox: Sandbox, limits: Limits = DEFAULT) -> Verdict:
    """What a submission comes to, in a sandbox of its own that is not entered yet."""
    began = time.monotonic()
    checks = checks_of(submission.assignment)
    blank = Verdict(submission.student, submission.assignment, "graded", tuple(none_looked_at(checks)), 0)
    try:
        verdict = _looked_at(submission, checks, sandbox, limits, blank)
    except UnreadableNotebook as error:
        verdict = replace(blank, state="unreadable", note=f"The notebook could not be read: {error.why}. {error.next}")
    except _DaemonGone as gone:
        trace = traceback.format_exc()
        verdict = replace(blank, state="crashed", note=_GONE, notebook=gone.executed, diagnostics=trace, try_again=True)
    except Exception:
        _log.exception("grading %s of %s broke", submission.assignment, submission.student)
        verdict = replace(blank, state="infra-error", note=_BROKE, diagnostics=traceback.format_exc(), try_again=True)
    return replace(verdict, seconds=time.monotonic() - began)


def grade(
    submissions: Iterable[Submission], sandbox: Callable[[], Sandbox] = MachineSandbox, limits: Limits = DEFAULT
) -> Iterator[Verdict]:
    """The verdicts, one after the other, each as soon as it is known.

    Where the grader or its machine may be at fault, a submission gets up to two more tries: no honest work should
    be worth nothing for one bad machine, and a notebook that kills its machine does so each time.
    """
    for submission in submissions:
        verdict = grade_one(submission, sandbox(), limits)
        for _ in range(_MORE_TRIES):
            if verdict.try_again:
                verdict = grade_one(submission, sandbox(), limits)
        yield verdict


def _looked_at(
    submission: Submission, checks: list[Check], sandbox: Sandbox, limits: Limits, blank: Verdict
) -> Verdict:
    runnable = notebook.bare(notebook.read(submission.notebook))
    token = secrets.token_hex(6)
    name = f"{submission.assignment}.ipynb"
    files = {**submission.files, name: notebook.text(runnable).encode()}
    with sandbox, closing(sandbox.client()) as client:
        client.ping()
        state, executed = _run(client, name, files, token, limits)
        results = run(checks, Ground(client, sandbox.reach, token)) if _answers(client) else []
        broke = any(result.state == "error" for result in results)
        if not results or (broke and not _answers(client)):
            raise _DaemonGone(executed)
    if broke:
        return replace(blank, state="infra-error", checks=tuple(results), note=_BROKE, try_again=True)
    return replace(blank, state=state, checks=tuple(results), notebook=executed, note=_NOTES.get(state, ""))


def _run(client: DockerClient, name: str, files: Mapping[str, bytes], token: str, limits: Limits) -> tuple[State, str]:
    """How the notebook's run ended, and the executed notebook as JSON text."""
    try:
        ran = kernel.run(client, name, files, token, limits)
    except TooLarge:
        return "crashed", ""
    except (requests.ConnectionError, requests.Timeout) as error:
        if _answers(client):
            raise
        raise _DaemonGone from error
    return _state(ran), _executed(ran)


def _state(ran: Ran) -> State:
    if not ran.in_time or ran.status.get("timed_out") is True:
        return "timed-out"
    return "graded" if ran.exit_code == 0 and ran.status.get("state") == "finished" else "crashed"


def _executed(ran: Ran) -> str:
    """What the run left, if it is a notebook, without anything that could act in a browser."""
    try:
        return notebook.text(notebook.harmless(notebook.read(ran.notebook)))
    except UnreadableNotebook:
        return ""


def _answers(client: DockerClient) -> bool:
    try:
        return bool(client.ping())
    except (DockerException, requests.RequestException):
        return False
