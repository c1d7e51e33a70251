"""The process that grades, spoken to over its lines."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission
from drydock.core.waiting import wait_for
from tests.autograder import sandboxes
from tests.autograder.conftest import ROOT, notebook_of

Process = subprocess.Popen[bytes]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Process]:
    """A worker whose sandboxes are never ready."""
    config = GradingConfig(f"{sandboxes.HERE}.Sleeper", {"file": str(tmp_path / "entered")})
    words = [sys.executable, "-m", "autograder.scheduling.worker", json.dumps(config.to_json())]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        yield process
        process.kill()


def tell(process: Process, request: dict[str, Any] | None) -> None:
    """Send a line."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.flush()


def request(notebook: bytes) -> dict[str, Any]:
    """What asks for a verdict on a notebook."""
    return {"submission": Submission("ada", "service", notebook).to_json(), "ahead": False, "files": None}


def test_one_line_in_is_one_verdict_out(worker: Process) -> None:
    """And the next, by the same process."""
    assert worker.stdout is not None
    for _ in range(2):
        tell(worker, request(b"no notebook"))
        assert json.loads(worker.stdout.readline())["state"] == "unreadable"


def test_told_that_there_is_no_more_it_ends_well(worker: Process) -> None:
    """Its exit code reports it."""
    tell(worker, None)
    assert worker.wait(timeout=60) == 0


def test_it_does_not_outlive_who_started_it(worker: Process, tmp_path: Path) -> None:
    """The end of its line ends it, whatever it is in the middle of."""
    tell(worker, request(notebook_of("1")))
    wait_for((tmp_path / "entered").exists, "the grading to begin", seconds=60)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=10) == 1
