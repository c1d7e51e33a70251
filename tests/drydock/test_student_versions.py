"""The students' versions of the assignments, made by a real ``autograder release``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drydock.core.paths import cache_folder
from drydock.errors import CommandFailed
from drydock.student_versions import student_versions
from tests.architecture.tree import ROOT

CONFIG = ROOT / "nbgrader_config.py"


@pytest.fixture
def assignments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of the course's assignments, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(ROOT / "assignments" / "service", tmp_path / "assignments" / "service")
    return tmp_path / "assignments"


@pytest.mark.slow
def test_a_version_is_made_once(assignments: Path) -> None:
    """A notebook without solutions, and no page for instructors; it is found again, and the sources stay the same."""
    before = sorted(assignments.rglob("*"))
    versions = student_versions(assignments, CONFIG)
    assert [path.name for path in versions.iterdir()] == ["service"]
    assert "BEGIN SOLUTION" not in (versions / "service" / "service.ipynb").read_text()
    assert (assignments / "service" / "instructor.md").is_file()
    assert not list(versions.rglob("instructor.md"))
    assert sorted(assignments.rglob("*")) == before
    made = versions.stat().st_mtime_ns
    assert student_versions(assignments, CONFIG) == versions
    assert versions.stat().st_mtime_ns == made


@pytest.mark.slow
def test_a_change_makes_another(assignments: Path) -> None:
    """Whatever students get is decided by content; an older version leaves the cache."""
    older = cache_folder() / "student-versions-0123"
    older.mkdir()
    first = student_versions(assignments, CONFIG)
    (assignments / "service" / "hint.txt").write_text("look again")
    second = student_versions(assignments, CONFIG)
    assert (second / "service" / "hint.txt").read_text() == "look again"
    assert [path.name for path in cache_folder().iterdir()] == [second.name]
    assert first != second


def test_what_cannot_be_released_leaves_nothing(assignments: Path) -> None:
    """A broken assignment is an error with nbgrader's reason, and no half-made version is kept."""
    (assignments / "service" / "service.ipynb").write_text("{}")
    with pytest.raises(CommandFailed):
        student_versions(assignments, CONFIG)
    assert list(cache_folder().iterdir()) == []
