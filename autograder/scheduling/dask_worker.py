"""What runs in a worker of a cluster: text in, text out, no file shared with anybody.

The assignment comes with the task, so a worker needs no copy of the course. A cluster's worker is a process that may
run several threads, each grading one submission; they share the sandboxes that are booted ahead. When the process ends,
however it ends, its machines end with it.
"""

from __future__ import annotations

import json
import threading
from functools import lru_cache

from autograder.checks.assignment import Assignment, from_files
from autograder.errors import OtherVersion
from autograder.grade import grade_one
from autograder.sandbox.grading_config import GradingConfig
from autograder.sandbox.sandbox_pool import SandboxPool
from autograder.scheduling.code_version import code_key
from autograder.submission import Submission, files_from_json, files_to_json
from drydock.core.progress import console
from drydock.machine.isolation import backends
from drydock.machine.store.gc import remove_leftovers

_pools: dict[str, SandboxPool] = {}
_change = threading.Lock()


def task(config: GradingConfig, assignment: Assignment) -> str:
    """Return as text what a worker needs to grade submissions of an assignment."""
    files = files_to_json(assignment.files)
    return json.dumps({"config": config.to_json(), "assignment": assignment.name, "files": files})


def grade_there(submission: str, task: str, wanted: str, ahead: bool) -> str:
    """Return a submission's verdict; submission and verdict are JSON.

    A worker that came late may have other code than the rest: it refuses when its own is not ``wanted``.
    """
    console().quiet = True  # the coordinator reports the progress
    if code(task) != wanted:
        raise RuntimeError(str(OtherVersion()))  # an exception of ours would not survive the way back
    config, assignment = _read(task)
    work = Submission.from_json(json.loads(submission))
    return json.dumps(grade_one(work, _pool(config).sandbox(ahead=ahead), assignment).to_json())


def cool() -> None:
    """End what was booted ahead and is not wanted any more, and remove what a killed process left.

    What is in use goes on.
    """
    with _change:
        pools = [_pools.popitem()[1] for _ in range(len(_pools))]
    for pool in pools:
        pool.__exit__(None, None, None)
    remove_leftovers()


@lru_cache(maxsize=8)
def code(task: str) -> str:
    """Return the hash of the code that would grade here; see :func:`autograder.scheduling.code_version.code_key`."""
    config, assignment = _read(task)
    return code_key(assignment, config)


def obstacle(task: str) -> tuple[str, str] | None:
    """Return why submissions can't be isolated here and what would help, unless isolation was waived."""
    waived = not _read(task)[0].settings.get("isolated", True)
    return None if waived else backends.unavailable_reason()


@lru_cache(maxsize=8)
def _read(task: str) -> tuple[GradingConfig, Assignment]:
    data = json.loads(task)
    config = GradingConfig.from_json(data["config"])
    return config, config.limited(from_files(data["assignment"], files_from_json(data["files"])))


def _pool(config: GradingConfig) -> SandboxPool:
    key = json.dumps([config.sandbox, dict(config.settings)], sort_keys=True)
    with _change:
        if key not in _pools:
            remove_leftovers()
            _pools[key] = SandboxPool(config.new_sandbox)
        return _pools[key]
