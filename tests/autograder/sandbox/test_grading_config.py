"""The terms a class is graded on."""

from __future__ import annotations

import json

import pytest

from autograder.execution.kernel_container import Limits
from autograder.sandbox.grading_config import GradingConfig
from autograder.sandbox.machine_sandbox import MachineSandbox
from tests.autograder import sandboxes


def test_terms_survive_json() -> None:
    """A worker is told them as text."""
    terms = GradingConfig(f"{sandboxes.HERE}.Killer", {"file": "x", "times": 2}, Limits(total_seconds=15))
    assert GradingConfig.from_json(json.loads(json.dumps(terms.to_json()))) == terms


def test_a_sandbox_is_a_machine_unless_told() -> None:
    """A new one for each time it is asked for."""
    first, second = GradingConfig().new_sandbox(), GradingConfig().new_sandbox()
    assert isinstance(first, MachineSandbox)
    assert first is not second


def test_another_sandbox_is_found_by_its_name() -> None:
    """With the settings it is made with."""
    made = GradingConfig(f"{sandboxes.HERE}.NoGround", {"file": None}).new_sandbox()
    with pytest.raises(OSError, match="no memory left"):
        made.__enter__()
