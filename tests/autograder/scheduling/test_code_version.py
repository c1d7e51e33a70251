"""The hash of the code that grades."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.execution.kernel_container import Limits
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import code_version
from autograder.scheduling.code_version import code_key
from tests.autograder.conftest import load_assignment


def test_the_code_that_gives_points_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of any module counts; the course that an installed Drydock brings does not."""
    (tmp_path / "data" / "assignments").mkdir(parents=True)
    monkeypatch.setattr(code_version, "base_cache_name", lambda: "base-1")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    for name in ("grade.py", "data/assignments/checks.py"):
        (tmp_path / name).write_text("1")
    keys = [code_key(load_assignment(), GradingConfig())]
    for name in ("grade.py", "data/assignments/checks.py"):
        (tmp_path / name).write_text("2")
        keys.append(code_key(load_assignment(), GradingConfig()))
    assert keys[0] != keys[1] == keys[2]


def test_the_assignment_and_how_it_is_graded_are_part_of_the_key() -> None:
    """Its checks, its helpers and the files it gives; the limits; but not where the course lies."""
    ours = load_assignment("production")
    key = code_key(ours, GradingConfig())
    for name in ("checks.py", "scram.py", "ledger/store.py"):
        changed = replace(ours, files={**ours.files, name: ours.files[name] + b"\n"})
        assert code_key(changed, GradingConfig()) != key
    assert code_key(load_assignment("service"), GradingConfig()) != key
    assert code_key(ours, GradingConfig(limits=Limits(total_seconds=1))) != key
    assert code_key(ours, GradingConfig(assignments="/elsewhere")) == key
