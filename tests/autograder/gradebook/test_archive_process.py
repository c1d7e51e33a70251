"""Archives that are read in a process of their own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.errors import CannotWrite
from autograder.gradebook import archive_process
from autograder.gradebook.archive_process import read_archive
from autograder.gradebook.archive_reader import DamagedArchive
from autograder.submission import Executable


def zipped(file: Path) -> Path:
    """An archive with a notebook and a script."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("service/service.ipynb", b"{}")
        script = zipfile.ZipInfo("service/app/run.sh")
        script.external_attr = 0o100755 << 16
        archive.writestr(script, b"#!/bin/sh")
    return file


def test_the_files_come_back_whole(tmp_path: Path) -> None:
    """With the execute bit, and without the folder around them."""
    files, left_out = read_archive(zipped(tmp_path / "work.zip"))
    assert files == {"service.ipynb": b"{}", "app/run.sh": b"#!/bin/sh"}
    assert [name for name, data in files.items() if isinstance(data, Executable)] == ["app/run.sh"]
    assert left_out == ""


def test_what_is_damaged_has_its_reason(tmp_path: Path) -> None:
    """The child's own words come back."""
    (tmp_path / "work.zip").write_bytes(b"PK")
    with pytest.raises(DamagedArchive, match=r"^it is damaged: "):
        read_archive(tmp_path / "work.zip")


def test_reading_has_a_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is killed at its end, and the class goes on."""
    monkeypatch.setattr(archive_process, "_SECONDS", 0)
    with pytest.raises(DamagedArchive, match="it took longer than 0 s"):
        read_archive(zipped(tmp_path / "work.zip"))


def test_nothing_of_it_is_parsed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that serves the class only reads what the child wrote."""
    monkeypatch.setattr(archive_process, "contents", None)
    assert read_archive(zipped(tmp_path / "work.zip"))


def test_a_full_disk_is_no_students_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends with a message instead of a score."""
    monkeypatch.setattr(archive_process, "bounded_call", lambda *_, **__: {"trouble": "No space left on device"})
    with pytest.raises(CannotWrite, match="No space left on device"):
        read_archive(tmp_path / "work.zip")


def test_a_path_that_leads_out_is_refused_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child has read hostile bytes, so its answer is not believed."""
    answer = {"files": [[0, "../../x", False]], "left_out": ""}
    monkeypatch.setattr(archive_process, "bounded_call", lambda *_, **__: answer)
    with pytest.raises(DamagedArchive, match="wants to write"):
        read_archive(tmp_path / "work.zip")
