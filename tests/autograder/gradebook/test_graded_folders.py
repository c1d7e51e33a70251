"""What lies beside executed notebooks and feedback pages."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from autograder.errors import CannotWrite
from autograder.gradebook.graded_folders import (
    complete_feedback,
    complete_graded,
    discard_folder,
    replace_folder,
    set_aside_time,
    submitted_at,
)


@pytest.mark.parametrize("text", ["", "some time in spring", "99999999999999999999", "\x00", "030-2\t1\t00"])
def test_a_time_that_is_none(tmp_path: Path, text: str) -> None:
    """The student may have written it; nobody stops for it."""
    (tmp_path / "timestamp.txt").write_text(text)
    assert submitted_at(tmp_path) is None


def test_a_link_or_a_pipe_is_no_time(tmp_path: Path) -> None:
    """A pipe would keep the class waiting for ever, and a link leads elsewhere."""
    os.mkfifo(tmp_path / "timestamp.txt")
    assert submitted_at(tmp_path) is None
    (tmp_path / "timestamp.txt").unlink()
    (tmp_path / "timestamp.txt").symlink_to("/etc/hostname")
    assert submitted_at(tmp_path) is None


def test_a_time_that_is_none_is_set_aside(tmp_path: Path) -> None:
    """nbgrader would end for the whole class when it reads it; a plausible one stays."""
    for text, names in (
        ("some time in spring", {"unreadable_timestamp.txt"}),
        ("2026-11-28 09:00 UTC", {"timestamp.txt"}),
    ):
        folder = tmp_path / text[:4]
        folder.mkdir()
        (folder / "timestamp.txt").write_text(text)
        for _ in range(2):
            set_aside_time(folder)
        assert {path.name for path in folder.iterdir()} == names


def test_time_and_secret_are_passed_on(tmp_path: Path) -> None:
    """From the submission to the executed notebook; a page of ours is always older, so nbgrader renews it."""
    submitted, graded, page = (tmp_path / name for name in ("submitted", "graded", "page"))
    submitted.mkdir()
    (submitted / "timestamp.txt").write_text("2026-11-28 09:00:00.000000 UTC")
    (submitted / "submission_secret.txt").write_text("s3cret")
    complete_graded(graded, submitted)
    complete_feedback(page, graded)
    when = submitted_at(graded)
    assert when == datetime.fromisoformat("2026-11-28 09:00:00")
    assert (submitted_at(page) or when) < when
    assert (page / "submission_secret.txt").read_text() == "s3cret"


def test_who_came_without_a_secret_gets_one(tmp_path: Path) -> None:
    """Without it, releasing the feedback of the class would end at that student."""
    for name in ("ada", "bob"):
        complete_graded(tmp_path / name, tmp_path)
    secrets = {(tmp_path / name / "submission_secret.txt").read_text() for name in ("ada", "bob")}
    assert len(secrets) == 2
    assert "" not in secrets


def test_what_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """The message names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="could not be written"):
        replace_folder(tmp_path / "file" / "folder", {"a/b": b""})
    with pytest.raises(CannotWrite, match="could not be written"):
        complete_graded(tmp_path / "file" / "folder", tmp_path)
    with pytest.raises(CannotWrite, match="could not be written"):
        discard_folder(tmp_path / "file")
