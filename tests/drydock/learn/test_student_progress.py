"""What a student has done so far."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drydock.learn.student_progress import BROKEN, NAME, StudentProgress


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
        assert (tmp_path / BROKEN).read_text() == text


def test_a_folder_that_is_not_there_keeps_nothing(tmp_path: Path) -> None:
    """The lesson goes on without a word."""
    progress = StudentProgress.of(tmp_path / "gone")
    progress.keep("03_ports", "publish")
    assert progress.read() == {}


def _keep_many(folder: Path, name: str) -> None:
    """Keep 40 exercises from two threads, as a kernel's cells and its panel do."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda number: StudentProgress.of(folder).keep(name, f"e{number}"), range(40)))


def test_two_kernels_lose_nothing(tmp_path: Path) -> None:
    """Two processes with two threads each keep all entries, also when both write at the same time."""
    context = multiprocessing.get_context("spawn")
    kernels = [context.Process(target=_keep_many, args=(tmp_path, name)) for name in ("03_ports", "04_limits")]
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join()
    kept = StudentProgress.of(tmp_path).read()
    assert {name: len(done) for name, done in kept.items()} == {"03_ports": 40, "04_limits": 40}
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_file_that_cannot_be_read_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its content isn't replaced by what this kernel knows."""
    StudentProgress.of(tmp_path).keep("03_ports", "publish")

    def refuse(*arguments: object, **options: object) -> str:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", refuse)
        StudentProgress.of(tmp_path).keep("04_limits", "memory")
    assert list(StudentProgress.of(tmp_path).read()) == ["03_ports"]
