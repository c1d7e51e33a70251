"""What is sent to a worker."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder.submission import Submission, digest

WORK = Submission("ada", "service", b'{"cells": "\xff"}', {"app/page.html": b"hi", "empty": b""})


def test_a_submission_survives_json() -> None:
    """Bytes that are no text too."""
    assert Submission.from_json(json.loads(json.dumps(WORK.to_json()))) == WORK


@pytest.mark.parametrize(
    "change",
    [
        {"student": "eve"},
        {"assignment": "production"},
        {"notebook": b"{}"},
        {"files": {"app/page.html": b"ho", "empty": b""}},
        {"files": {"app/page.html": b"hi"}},
        {"files": {"app/page.htm": b"hi", "empty": b""}},
    ],
)
def test_any_change_shows_in_the_digest(change: dict[str, object]) -> None:
    """Whose, what for, the notebook, and each file by name and content."""
    assert replace(WORK, **change).digest() != WORK.digest()  # type: ignore[arg-type]


def test_the_order_of_files_does_not_matter() -> None:
    """A folder has none."""
    assert replace(WORK, files=dict(sorted(WORK.files.items(), reverse=True))).digest() == WORK.digest()


def test_a_part_does_not_run_into_the_next() -> None:
    """Two parts are not their sum."""
    assert digest([b"ab", b"c"]) != digest([b"a", b"bc"])
