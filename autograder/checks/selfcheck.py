"""``check("service.answers")`` in a student's cell: the very function that grades, on their own engine.

It only prints. No score is ever read from what a notebook shows.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

import docker
from IPython.display import display

from autograder.checks.assignment import Assignment, load
from autograder.checks.context import CheckContext
from autograder.checks.runner import run, run_one
from autograder.execution.workspace import Workspace, here
from autograder.verdict import Outcome, Result
from drydock.core import resources
from drydock.core.endpoint import Endpoint

_TOKEN = "DRYDOCK_TOKEN"
_GRADING = "DRYDOCK_GRADING"
#: The same for as long as the notebook runs, so that what Docker has built for one check is quick for the next.
_SECRET = secrets.token_hex()
#: What checks keep, for as long as the notebook runs, of how it was before they touched it.
_NOTED: dict[str, Any] = {}
#: One sign for each outcome.
SYMBOLS: dict[Outcome, str] = {"passed": "✔", "failed": "✘", "skipped": "…", "error": "!"}
#: Wider than this, a line runs out of formgrader's box.
_WIDTH = 110
#: Of a medium brightness, for a border and a sign; no colour of text can be read on light and on dark pages.
_COLOURS: dict[Outcome, str] = {"passed": "#2da44e", "failed": "#e5484d", "skipped": "#8b949e", "error": "#d9822b"}


def token() -> str:
    """A random word that is new for every run, for your service to show."""
    return os.environ.setdefault(_TOKEN, secrets.token_hex(6))


class Shown:
    """Results, as a notebook shows them."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = list(results)

    def __repr__(self) -> str:
        return "\n".join(line for result in self.results for line in _lines(result))

    def _repr_html_(self) -> str:
        return "".join(map(_block, self.results))


class SelfCheck:
    """The name ``check`` in a student's notebook."""

    def __call__(self, check_id: str) -> None:
        """Show the result of one check."""
        if not _is_graded():
            check = _find(check_id.partition(".")[0]).check(check_id)
            _show(lambda context: [run_one(check, context)])

    def all(self, assignment: str) -> None:
        """Show the results of all checks of an assignment."""
        if not _is_graded():
            checks = _find(assignment).checks
            _show(lambda context: run(checks, context))


check = SelfCheck()


def _is_graded() -> bool:
    """Return whether the notebook is being graded, and print so: the results that count come from outside."""
    if os.environ.get(_GRADING):
        print("Looked at from outside, when the notebook has run.")
    return bool(os.environ.get(_GRADING))


def _find(assignment: str) -> Assignment:
    """Load the assignment whose notebook lies in the present folder with its checks, else one that Drydock brings."""
    folder = Path.cwd()
    if (folder / "checks.py").is_file() and (folder / f"{assignment}.ipynb").is_file():
        return load(folder, assignment)
    return load(resources.folder("assignments") / assignment)


def _show(look: Callable[[CheckContext], Sequence[Result]]) -> None:
    with closing(docker.from_env()) as client, closing(here(client, Path.cwd())) as work:
        display(Shown(look(_context(client, work))))  # type: ignore[no-untyped-call]


def _context(client: docker.DockerClient, work: Workspace) -> CheckContext:
    host = Endpoint(os.environ.get("DOCKER_HOST", "")).port_host
    return CheckContext(client, lambda port, _: (host, port), token(), work, secret=_SECRET, noted=_NOTED)


def coded(words: str) -> str:
    """Escaped for HTML, and then with `words` between backticks shown as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def _lines(result: Result) -> list[str]:
    lines = [f"{SYMBOLS[result.state]} {result.points:g}/{result.max:g}  {result.line}"]
    for label, words in (("Seen", result.reason), ("Hint", result.hint)):
        if words:
            lines += wrap(words, _WIDTH, initial_indent=f"       {label}: ", subsequent_indent=" " * 13)
    return lines


def _block(result: Result) -> str:
    colour = _COLOURS[result.state]
    parts = [
        f'<div style="border-left:4px solid {colour};padding:4px 12px;margin:6px 0">'
        f'<b><span style="color:{colour}" aria-hidden="true">{SYMBOLS[result.state]}</span> '
        f"{result.points:g}/{result.max:g}</b> "
        f"{coded(result.line)}"
    ]
    if result.reason:
        parts.append(f"<div><b>Seen:</b> {coded(result.reason)}</div>")
    if result.hint:
        parts.append(f"<div><b>Hint:</b> {coded(result.hint)}</div>")
    return "".join([*parts, "</div>"])
