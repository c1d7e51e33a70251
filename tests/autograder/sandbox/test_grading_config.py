"""How a class is graded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.errors import UnknownAssignment
from autograder.execution.kernel_container import Limits
from autograder.sandbox.grading_config import GradingConfig
from autograder.sandbox.machine_sandbox import MachineSandbox
from tests.autograder import sandboxes
from tests.autograder.conftest import ROOT, load_assignment


@pytest.mark.parametrize("limits", [None, Limits(total_seconds=15)])
def test_a_configuration_survives_json(limits: Limits | None) -> None:
    """A worker gets it as text."""
    config = GradingConfig(f"{sandboxes.HERE}.Killer", {"file": "x", "times": 2}, limits, "/a/course/source")
    assert GradingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_limits_replace_those_of_the_assignment() -> None:
    """Where they are given; else the assignment's own apply."""
    assert GradingConfig().assignment("devimage") == load_assignment("devimage")
    limits = Limits(total_seconds=15)
    assert GradingConfig(limits=limits).assignment("devimage").limits == limits


def test_assignments_come_from_the_folder_that_is_named(tmp_path: Path) -> None:
    """A course has its own, and no other."""
    shutil.copytree(ROOT / "assignments" / "service", tmp_path / "service")
    config = GradingConfig(assignments=str(tmp_path))
    assert config.assignment("service").name == "service"
    with pytest.raises(UnknownAssignment, match="choose one of: service"):
        config.assignment("devimage")


def test_a_sandbox_is_a_machine_unless_told() -> None:
    """A new one for each time it is asked for."""
    first, second = GradingConfig().new_sandbox(), GradingConfig().new_sandbox()
    assert isinstance(first, MachineSandbox)
    assert first is not second


def test_another_sandbox_is_found_by_its_name() -> None:
    """With the settings it is made with."""
    made = GradingConfig(f"{sandboxes.HERE}.BootFails", {"file": None}).new_sandbox()
    with pytest.raises(OSError, match="no memory left"):
        made.__enter__()
