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


def test_what_utf_8_can_not_have_is_replaced() -> None:
    """A reason quotes what a registry answers, perhaps half an emoji; every text of a verdict can be written."""
    result = Result("service.token", "It shows the token.", 1, "failed", "it has \ud83d", "\udfff?")
    made = Verdict("ada", "service", "graded", (result,), 1, "{\ud800}", "\ud83d", "\udcff")
    again = Verdict.from_json({**made.to_json(), "note": "\ud83d"})
    assert made == again
    assert "".join(again.to_json()["checks"][0][name] for name in ("reason", "hint")) == "it has \ufffd\ufffd?"
    assert json.dumps(again.to_json(), ensure_ascii=False).encode()


def test_a_long_reason_is_cut() -> None:
    """A label of a student's image may have megabytes, and wrapping them would take minutes."""
    result = Result("service.token", "It shows the token.", 1, "failed", "x" * 5_000_000)
    made = Verdict("ada", "service", "graded", (result,), 1)
    assert len(result.reason) < 2100
    assert result.reason.endswith("x …")
    assert Verdict.from_json(made.to_json()) == made
