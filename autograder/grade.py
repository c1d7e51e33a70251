"""``grade_one``: bytes in, verdict out. What decides a point looks at the daemon from outside.

The notebook runs first, in a container inside the sandbox; that container is stopped and gone before the first
check looks. Nothing the notebook printed is read for a mark.
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

from autograder.checks.api import Check, checks_of, limits_of
from autograder.checks.context import CheckContext
from autograder.checks.runner import none_looked_at, run
from autograder.errors import TooLarge, UnreadableNotebook
from autograder.execution import kernel_container, sanitize, workspace
from autograder.execution.kernel_container import DEFAULT, Limits, RunResult
from autograder.sandbox.machine_sandbox import Sandbox
from autograder.sandbox.second_sandbox import SecondSandbox
from autograder.submission import Submission
from autograder.verdict import State, Verdict

_log = logging.getLogger(__name__)

_GONE = "After the notebook had run, Docker no longer answered. Does the notebook stop what it works with?"
#: What a student reads when the grader is at fault.
BROKE = "Grading broke. That is not your fault and changes no mark."
_NOTES: dict[State, str] = {
    "timed-out": "The notebook did not end in time and was stopped. What it had started by then was looked at.",
    "crashed": "The notebook's kernel died. What it had started by then was looked at.",
}


class _DaemonGone(Exception):
    """The daemon answered before the notebook ran, and not after it; says what was left by then."""

    def __init__(self, executed: str = "") -> None:
        super().__init__("the daemon no longer answers")
        self.executed = executed


def grade_one(submission: Submission, sandbox: Sandbox, limits: Limits = DEFAULT) -> Verdict:
    """What a submission comes to, in a sandbox of its own that is not entered yet.

    Limits other than the usual ones go before what the assignment says.
    """
    began = time.monotonic()
    checks = checks_of(submission.assignment)
    limits = limits_of(submission.assignment) if limits == DEFAULT else limits
    blank = Verdict(submission.student, submission.assignment, "graded", tuple(none_looked_at(checks)), 0)
    try:
        verdict = _looked_at(submission, checks, sandbox, limits, blank)
    except UnreadableNotebook as error:
        verdict = replace(blank, state="unreadable", note=f"The notebook could not be read: {error.why}. {error.next}")
    except Exception:
        _log.exception("grading %s of %s broke", submission.assignment, submission.student)
        verdict = replace(blank, state="infra-error", note=BROKE, diagnostics=traceback.format_exc(), try_again=True)
    return replace(verdict, seconds=time.monotonic() - began)


def _looked_at(
    submission: Submission, checks: list[Check], sandbox: Sandbox, limits: Limits, blank: Verdict
) -> Verdict:
    runnable = sanitize.bare(sanitize.read(submission.notebook))
    name = f"{submission.assignment}.ipynb"
    files = {**submission.files, name: sanitize.text(runnable).encode()}
    with sandbox, closing(sandbox.client()) as client:
        client.ping()
        blank = replace(blank, walls=sandbox.walls)
        try:
            return _run_and_looked_at(client, sandbox, name, files, checks, limits, blank)
        except _DaemonGone as gone:
            if sandbox.was_killed():
                raise RuntimeError("the machine was killed from outside") from None
            crashed = replace(blank, state="crashed", note=_GONE, notebook=gone.executed, try_again=True)
            return replace(crashed, diagnostics=traceback.format_exc())


def _run_and_looked_at(
    client: DockerClient,
    sandbox: Sandbox,
    name: str,
    files: Mapping[str, bytes],
    checks: list[Check],
    limits: Limits,
    blank: Verdict,
) -> Verdict:
    token = secrets.token_hex(6)
    # By its name the notebook may mean another image afterwards; an id stays what it is.
    images = {tag: str(one["Id"]) for one in client.api.images() for tag in one.get("RepoTags") or ()}
    state, executed, folder = _run(client, name, files, token, limits)
    left = workspace.left(client, folder, images.get(workspace.IMAGE, workspace.IMAGE))
    with closing(SecondSandbox(sandbox.another, token, folder)) as elsewhere:
        ground = CheckContext(client, sandbox.reach, token, left, images, another=elsewhere.ground)
        results = run(checks, ground) if _answers(client) else []
    broke = any(result.state == "error" for result in results)
    if not results or (broke and not _answers(client)):
        raise _DaemonGone(executed)
    if broke:
        return replace(blank, state="infra-error", checks=tuple(results), note=BROKE, try_again=True)
    return replace(blank, state=state, checks=tuple(results), notebook=executed, note=_NOTES.get(state, ""))


def _run(
    client: DockerClient, name: str, files: Mapping[str, bytes], token: str, limits: Limits
) -> tuple[State, str, bytes]:
    """How the notebook's run ended, the executed notebook as JSON text, and an archive of the folder it left."""
    try:
        ran = kernel_container.run(client, name, files, token, limits)
    except TooLarge:
        return "crashed", "", b""
    except (requests.ConnectionError, requests.Timeout) as error:
        if _answers(client):
            raise
        raise _DaemonGone from error
    return _state(ran), _executed(ran), ran.folder


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
