"""A result is kept by content: the same files skip the test, other files run it, and a failure is not kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import kept_results
from tests.kept_results import kept


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that a result depends on, and a cache that is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(kept_results.RUN_AGAIN, raising=False)
    monkeypatch.setattr(kept_results, "ROOT", tmp_path)
    monkeypatch.setattr(kept_results, "_ALWAYS", [])
    file = tmp_path / "lesson.ipynb"
    file.write_text("one")
    return file


def skipped(lesson: Path, version: str = "Docker 28") -> str:
    """Return why a test with this file and version is skipped; nothing if it runs, and passes."""
    try:
        with kept("lesson", [lesson], version):
            return ""
    except pytest.skip.Exception as reason:
        return str(reason)


def test_the_same_content_is_run_once(lesson: Path) -> None:
    """The second time it is skipped with the day; other content, and another version, run."""
    assert skipped(lesson) == ""
    assert re.match(r"passed with the same contents on \d{4}-\d\d-\d\d", skipped(lesson))
    lesson.write_text("two")
    assert skipped(lesson) == ""
    assert skipped(lesson, "Docker 29") == ""


def test_a_failure_is_not_kept(lesson: Path) -> None:
    """What failed runs again."""
    with pytest.raises(AssertionError), kept("lesson", [lesson], "Docker 28"):
        raise AssertionError
    assert skipped(lesson) == ""


def test_everything_can_be_run_again(lesson: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make test-all` does."""
    assert skipped(lesson) == ""
    monkeypatch.setenv(kept_results.RUN_AGAIN, "1")
    assert skipped(lesson) == ""
