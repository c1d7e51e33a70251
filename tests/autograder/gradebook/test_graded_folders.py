"""What lies beside executed notebooks and feedback pages."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from nbgrader.utils import parse_utc

from autograder.errors import CannotWrite
from autograder.gradebook.graded_folders import (
    complete_feedback,
    complete_graded,
    discard_folder,
    has_unreadable_time,
    prepare_time,
    replace_folder,
    submitted_at,
    time_in,
)


@pytest.mark.parametrize(
    "text", ["", "some time in spring", "99999999999999999999", "2300-01-01 00:00 UTC", "\x00", "030-2\t1\t00"]
)
def test_a_time_that_is_none(tmp_path: Path, text: str) -> None:
    """The student may have written it; nobody stops for it."""
    (tmp_path / "timestamp.txt").write_text(text)
    assert submitted_at(tmp_path) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_time_in_another_encoding_is_read_and_written_anew(tmp_path: Path, encoding: str) -> None:
    """Editors of Windows save so; nbgrader's own commands read the file after us."""
    (tmp_path / "timestamp.txt").write_text("2026-11-28 09:00:00 CET\n", encoding=encoding)
    when = submitted_at(tmp_path)
    assert when == parse_utc("2026-11-28 09:00:00 CET")
    prepare_time(tmp_path)
    assert parse_utc((tmp_path / "timestamp.txt").read_text().strip()) == when
    assert not has_unreadable_time(tmp_path)


def test_a_time_zone_is_no_path(tmp_path: Path) -> None:
    """nbgrader's parser would open that file; a damaged one ended the run of the class."""
    (tmp_path / "evil").write_bytes(b"TZif")
    for zone in (str(tmp_path / "evil"), ":" + str(tmp_path / "evil"), "posixrules", "../evil"):
        (tmp_path / "timestamp.txt").write_text(f"2026-01-01 10:00:00 {zone}")
        assert submitted_at(tmp_path) is None


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S.%f %Z", "%Y-%m-%d %H:%M:%S.%f %z", "%Y-%m-%d %H:%M:%S %Z"])
def test_every_time_that_nbgrader_writes_is_read_as_nbgrader_does(zone: str, form: str) -> None:
    """In the exchange's form, with the abbreviation of any zone or its offset, and in the form of zip_collect."""
    when = datetime(2026, 11, 28, 9, 0, 0, 1234, tzinfo=ZoneInfo(zone))
    assert time_in(when.strftime(form)) == parse_utc(when.strftime(form))
    for naive in (when.replace(tzinfo=None), when.replace(tzinfo=None, microsecond=0)):
        assert time_in(naive.isoformat(" ")) == naive


def test_a_time_that_is_none_is_set_aside_beside_a_folder_of_that_name(tmp_path: Path) -> None:
    """A student may have made one, and nbgrader would end at the file that stayed."""
    (tmp_path / "timestamp.txt").write_text("some time in spring")
    (tmp_path / "unreadable_timestamp.txt").mkdir()
    prepare_time(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["unreadable_timestamp.txt"]


def test_a_link_or_a_pipe_is_no_time(tmp_path: Path) -> None:
    """A pipe would keep the class waiting for ever, and a link leads elsewhere."""
    os.mkfifo(tmp_path / "timestamp.txt")
    assert submitted_at(tmp_path) is None
    (tmp_path / "timestamp.txt").unlink()
    (tmp_path / "elsewhere").write_text("2026-11-28 09:00:00")
    (tmp_path / "timestamp.txt").symlink_to(tmp_path / "elsewhere")
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
            prepare_time(folder)
        assert {path.name for path in folder.iterdir()} == names
        assert has_unreadable_time(folder) == ("unreadable_timestamp.txt" in names)


def test_a_corrected_time_is_readable(tmp_path: Path) -> None:
    """A person writes the time into a new file beside the one that was set aside; without any file, none is missing."""
    assert not has_unreadable_time(tmp_path)
    (tmp_path / "unreadable_timestamp.txt").write_text("some time in spring")
    assert has_unreadable_time(tmp_path)
    (tmp_path / "timestamp.txt").write_text("2026-11-28 09:00 UTC")
    assert not has_unreadable_time(tmp_path)


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


def test_files_that_nbgrader_made_read_only_are_replaced(tmp_path: Path) -> None:
    """A new file takes the place of each, and nothing is written into the old one, which may be somebody else's."""
    for complete in (complete_graded, complete_feedback):
        folder = tmp_path / complete.__name__
        for time in ("2026-11-28 09:00 UTC", "2026-11-29 09:00 UTC"):
            (tmp_path / "timestamp.txt").write_text(time)
            complete(folder, tmp_path)
            for name in ("timestamp.txt", "submission_secret.txt"):
                (folder / name).chmod(0o444)
                (folder / f"old {name}").unlink(missing_ok=True)
                (folder / f"old {name}").hardlink_to(folder / name)
        complete(folder, tmp_path)
        assert (folder / "timestamp.txt").stat().st_ino != (folder / "old timestamp.txt").stat().st_ino
        assert (folder / "submission_secret.txt").stat().st_nlink == 1


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
