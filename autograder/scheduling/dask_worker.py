"""What runs in a worker of a cluster: text in, text out, no file shared with anybody.

A cluster's worker is a process that may run several threads, each grading one submission; they share what is booted
ahead. When the process ends, however it ends, its machines end with it.
"""

from __future__ import annotations

import json
import threading
from functools import cache

from autograder.errors import OtherVersion
from autograder.grade import grade_one
from autograder.sandbox.grading_config import GradingConfig
from autograder.sandbox.sandbox_pool import SandboxPool
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission
from drydock.core.progress import console
from drydock.machine.isolation import backends
from drydock.machine.store.gc import sweep

_warm: dict[str, SandboxPool] = {}
_change = threading.Lock()


def grade_there(submission: str, terms: str, wanted: str, ahead: bool) -> str:
    """A submission's verdict, on these terms; all of them as JSON.

    A worker that came late may have other code than the rest: it refuses when its own is not ``wanted``.
    """
    console.quiet = True  # the coordinator is the one who tells how it goes
    work = Submission.from_json(json.loads(submission))
    if code(work.assignment, terms) != wanted:
        raise RuntimeError(str(OtherVersion()))  # an exception of ours would not survive the way back
    sandbox = _kept_warm(terms).sandbox(ahead=ahead)
    return json.dumps(grade_one(work, sandbox, GradingConfig.from_json(json.loads(terms)).limits).to_json())


def cool() -> None:
    """End what was booted ahead and is not wanted any more, and clear away what a killed neighbour left.

    What is in use goes on.
    """
    with _change:
        left = [_warm.popitem()[1] for _ in range(len(_warm))]
    for warm in left:
        warm.__exit__(None, None, None)
    sweep()


@cache
def code(stem: str, terms: str) -> str:
    """What an assignment's marks would be made by here; see :func:`autograder.scheduling.code_version.code_key`."""
    return code_key(stem, GradingConfig.from_json(json.loads(terms)))


def obstacle(terms: str) -> tuple[str, str] | None:
    """Why no wall can stand here and what would help, unless they were waived."""
    waived = not GradingConfig.from_json(json.loads(terms)).settings.get("walls", True)
    return None if waived else backends.why_not()


def _kept_warm(terms: str) -> SandboxPool:
    with _change:
        if terms not in _warm:
            sweep()
            _warm[terms] = SandboxPool(GradingConfig.from_json(json.loads(terms)).new_sandbox)
        return _warm[terms]
