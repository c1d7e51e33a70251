"""A result is kept by content: the same files skip the test, other files run it, and a failure is not kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import kept_results
from tests.kept_results import kept

Skipped = pytest.skip.Exception
DAY = r"passed with the same contents on \d{4}-\d\d-\d\d"


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


def test_the_same_content_is_run_once(lesson: Path) -> None:
    """The second time it is skipped with the day; other content, and another version, run."""
    with kept("lesson", [lesson], "Docker 28"):
        pass
    with (
        pytest.raises(Skipped, match=DAY),
        kept("lesson", [lesson], "Docker 28"),
    ):
        pytest.fail("it ran again")
    lesson.write_text("two")
    runs = []
    with kept("lesson", [lesson], "Docker 28"):
        runs.append("other content")
    with kept("lesson", [lesson], "Docker 29"):
        runs.append("another version")
    assert runs == ["other content", "another version"]


def test_a_failure_is_not_kept(lesson: Path) -> None:
    """What failed runs again."""
    with pytest.raises(AssertionError), kept("lesson", [lesson]):
        raise AssertionError
    with kept("lesson", [lesson]):
        pass


def test_everything_can_be_run_again(lesson: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make test-all` does."""
    with kept("lesson", [lesson]):
        pass
    monkeypatch.setenv(kept_results.RUN_AGAIN, "1")
    runs = []
    with kept("lesson", [lesson]):
        runs.append("again")
    assert runs == ["again"]
