"""What a student has done so far."""

from __future__ import annotations

from pathlib import Path

from drydock.learn.student_progress import NAME, StudentProgress


def test_what_passed_is_kept_with_its_first_time(tmp_path: Path) -> None:
    """Passing once more changes nothing; other lessons stay."""
    progress = StudentProgress.of(tmp_path)
    progress.keep("03_ports", "publish")
    first = progress.read()
    progress.keep("03_ports", "publish")
    progress.keep("04_limits", "memory")
    assert progress.done("03_ports") == first["03_ports"]
    assert progress.read().keys() == {"03_ports", "04_limits"}
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    """It counts as empty, and the next exercise is kept all the same."""
    for text in ("", "[]", "{", '{"03_ports": 3}', "\x00"):
        (tmp_path / NAME).write_text(text)
        progress = StudentProgress.of(tmp_path)
        assert progress.read() == {}
        progress.keep("03_ports", "publish")
        assert progress.done("03_ports")


def test_a_folder_that_is_not_there_keeps_nothing(tmp_path: Path) -> None:
    """The lesson goes on without a word."""
    progress = StudentProgress.of(tmp_path / "gone")
    progress.keep("03_ports", "publish")
    assert progress.read() == {}
