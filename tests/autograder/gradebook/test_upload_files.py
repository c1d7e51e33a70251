"""The files of one upload, and what becomes of them on disk."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePath

import pytest

from autograder.gradebook.submitted_archive import DamagedArchive
from autograder.gradebook.upload_files import NO_TIME, Candidate, has_notebook, valid_time
from autograder.gradebook.uploads import read_name
from autograder.submission import CLAIMED_TIME, Executable
from drydock.submit import RAW_LIMIT

_TIME = "20261125T200000Z"


def candidate(folder: Path, name: str, *members: str) -> Candidate:
    """An upload of this name: a zip with these members, or without any an empty file."""
    if members:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member in members:
                archive.writestr(member, member)
    else:
        (folder / name).touch()
    return Candidate(folder / name, "ada", _TIME, read_name(PurePath(name), "service"))


@pytest.mark.parametrize(
    ("name", "is_readable"),
    [("a.ZIP", True), ("a.tar.xz", True), ("My Work.ipynb.txt", True), ("a.rar", False), ("a.pdf", False)],
)
def test_a_notebook_or_an_archive_can_be_read(tmp_path: Path, name: str, is_readable: bool) -> None:
    """Its name decides; other kinds are for a person."""
    assert candidate(tmp_path, name).is_readable is is_readable


def test_a_notebook_gets_the_name_of_its_assignment(tmp_path: Path) -> None:
    """Out of a zip and by itself; where several could be meant, each keeps its name."""
    assert candidate(tmp_path, "a.zip", "service (1).ipynb", "note").files("service").keys() == {
        "service.ipynb",
        "note",
    }
    assert candidate(tmp_path, "my work.ipynb").files("service") == {"service.ipynb": b""}
    assert has_notebook(candidate(tmp_path, "b.zip", "a.ipynb", "b.ipynb").files("service"))
    assert not has_notebook(candidate(tmp_path, "c.zip", "a.png").files("service"))


def test_a_notebook_without_end_is_damaged(tmp_path: Path) -> None:
    """It is not even read."""
    large = candidate(tmp_path, "service.ipynb")
    with large.file.open("wb") as file:
        file.truncate(RAW_LIMIT + 1)
    with pytest.raises(DamagedArchive, match="larger"):
        large.files("service")


def test_files_are_written_with_their_mode_and_a_claim_is_marked(tmp_path: Path) -> None:
    """The folder is named like a zip of `drydock submit`; only the student says when this was uploaded."""
    candidate(tmp_path, f"service_ada_{_TIME}.zip").write({"app/run.sh": Executable(b"x")}, "service", tmp_path / "out")
    folder = tmp_path / "out" / f"service_ada_{_TIME}"
    assert (folder / "app" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (folder / CLAIMED_TIME).is_file()


def test_nothing_of_an_upload_stays_that_can_not_be_written(tmp_path: Path) -> None:
    """A name longer than the file system takes."""
    with pytest.raises(OSError, match="too long"):
        candidate(tmp_path, "a.zip").write({"a": b"", "x" * 300: b""}, "service", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_time_that_is_none_stands_before_all_others() -> None:
    """So is no time at all."""
    assert [valid_time(time) for time in (_TIME, "99999999T999999Z", None)] == [_TIME, NO_TIME, NO_TIME]
