"""A process that grades, one submission after the other: ``python -m autograder.scheduling.worker CONFIG``.

The coordinator sends a line for each submission and gets a line with its verdict back. It writes nothing else
anywhere. When the line to it closes, its coordinator has ended, however it ended, and so does it; its machines end
with it in the same way.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from queue import SimpleQueue
from typing import Any

from autograder.checks.assignment import Assignment, from_files
from autograder.grade import grade_one
from autograder.sandbox.grading_config import GradingConfig
from autograder.sandbox.sandbox_pool import SandboxPool
from autograder.submission import Submission, files_from_json
from drydock.core.progress import console

Request = dict[str, Any]


def main() -> int:
    """Grade the submissions that are sent, until the last one."""
    config = GradingConfig.from_json(json.loads(sys.argv[1]))
    console().quiet = True  # the coordinator shows the progress
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints must not be taken for a verdict
    requests: SimpleQueue[Request | None] = SimpleQueue()
    threading.Thread(target=_listen, args=[requests], daemon=True).start()
    with SandboxPool(config.new_sandbox) as pool:
        while (request := requests.get()) is not None:
            submission = Submission.from_json(request["submission"])
            sandbox = pool.sandbox(ahead=request["ahead"])
            verdict = grade_one(submission, sandbox, _assignment(config, submission.assignment, request["files"]))
            print(json.dumps(verdict.to_json()), file=answers, flush=True)
    return 0


def _assignment(config: GradingConfig, name: str, files: dict[str, str] | None) -> Assignment:
    """Return the assignment that these files are, or else the course's."""
    return config.assignment(name) if files is None else config.limited(from_files(name, files_from_json(files)))


def _listen(requests: SimpleQueue[Request | None]) -> None:
    """Pass requests on; the end of the line, in the middle of whatever is being graded, is the end of everything."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        requests.put(request)
        if request is None:
            return  # there is no more, and Python can't end while a thread reads
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
