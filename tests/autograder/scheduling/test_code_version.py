"""The hash of the code that grades."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import code_version
from autograder.scheduling.code_version import code_key


def test_the_code_that_gives_marks_is_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of any module counts, of the checks those of this assignment."""
    (tmp_path / "assignments").mkdir()
    for name in ("grade.py", "assignments/service.py", "assignments/other.py"):
        (tmp_path / name).write_text("1")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    monkeypatch.setattr(code_version, "known", lambda: ["other", "service"])
    keys = [code_key("service", GradingConfig())]
    for name in ("grade.py", "assignments/service.py", "assignments/other.py"):
        (tmp_path / name).write_text("2")
        keys.append(code_key("service", GradingConfig()))
    assert len(set(keys)) == 3
    assert keys[2] == keys[3]
