"""What grading comes to."""

from __future__ import annotations

import json

import pytest

from autograder.verdict import Result, Verdict

PASSED = Result("service.running", "It runs.", 2, "passed")
FAILED = Result("service.token", "It shows the token.", 1, "failed", "seen", "go on")
VERDICT = Verdict("ada", "service", "graded", (PASSED, FAILED), 12.34, "{}", "", "a trace", isolation=("machine",))


def test_a_verdict_survives_json() -> None:
    """Another process, or a later run, reads what this one wrote."""
    assert Verdict.from_json(json.loads(json.dumps(VERDICT.to_json()))) == VERDICT


def test_the_score_is_what_passed() -> None:
    """Nothing but passed checks has points."""
    assert (VERDICT.score, VERDICT.max) == (2, 3)


def test_the_summary_has_what_the_instructor_asked_for() -> None:
    """The keys of ``--json`` are a promise, and the notebook isn't among them."""
    summary = VERDICT.summary()
    assert {"student", "assignment", "state", "score", "max", "seconds", "isolation", "checks"} <= set(summary)
    assert {"id", "points", "max", "reason", "hint"} <= set(summary["checks"][0])
    assert not {"notebook", "diagnostics"} & set(summary)


@pytest.mark.parametrize("where", ["state", "checks"])
def test_a_forged_state_is_refused(where: str) -> None:
    """A state that doesn't exist can't come out of JSON."""
    data = VERDICT.to_json()
    target = data if where == "state" else data["checks"][0]
    target["state"] = "excellent"
    with pytest.raises(ValueError, match="no such"):
        Verdict.from_json(data)


def test_points_are_not_taken_from_json() -> None:
    """They follow from what passed, whatever was written beside it."""
    data = VERDICT.to_json()
    data["score"] = data["checks"][1]["points"] = 100
    assert Verdict.from_json(data).score == 2
