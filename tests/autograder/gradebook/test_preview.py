"""Whose score grading would change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.gradebook.course import Course
from autograder.gradebook.preview import change, present_grades, previewed
from autograder.gradebook.recorder import Recorder
from autograder.scheduling.executor import LocalExecutor
from tests.autograder.conftest import load_assignment, submit_notebook
from tests.autograder.gradebook.test_reconcile import grade
from tests.autograder.gradebook.test_scores import verdict


def files(root: Path) -> dict[str, int]:
    """All files of a course, and when each was written."""
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def test_a_change_names_its_checks() -> None:
    """From what to what, and by which check; points of a person stay, and no score is none."""
    passed = verdict("passed")
    assert change(passed, grade("ada")) is None
    row = change(passed, grade("ada", token=0))
    assert row is not None
    assert row.line == "ada: 9 → 10 (service.token 0 → 1)"
    assert row.to_json()["checks"] == [{"id": "service.token", "before": 0, "after": 1}]
    by_hand = grade("ada", token=0)
    cells = tuple(replace(cell, manual=0.5) if cell.cell == "service-token" else cell for cell in by_hand.cells)
    assert change(passed, replace(by_hand, cells=cells)) is None
    new = change(passed, None)
    assert new is not None
    assert new.line.startswith("ada: – → 10 (service.running – → 2, ")
    assert change(replace(passed, state="infra-error"), None) is None


@pytest.mark.parametrize("known", [True, False])
def test_a_preview_writes_nothing(course: Course, released: Course, known: bool) -> None:
    """Neither scores nor verdicts nor feedback; with no gradebook, none is made."""
    if known:
        Recorder(released).record(verdict("passed"))
    else:
        (released.build / "gradebook.db").unlink()
    submit_notebook(released, "ada", b"no notebook")
    before = files(released.root)
    assignment, work = load_assignment(), released.submissions("service")
    executor = LocalExecutor(released.grading_config())
    present = present_grades(released, "service")
    [regraded] = previewed(released, assignment, work, executor)
    row = change(regraded, present.get("ada"))
    assert files(released.root) == before
    assert row is not None
    assert (row.before, row.after) == ((10, 0) if known else (None, 0))
