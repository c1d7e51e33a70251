"""What may be taken of a student's uploads, and what becomes of it on disk."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path, PurePath

import pytest

from autograder.gradebook.archive_reader import DamagedArchive
from autograder.gradebook.upload_files import NO_TIME, Candidate, candidates_of, has_notebook, valid_time
from autograder.gradebook.uploads import Upload, read_name
from autograder.submission import CLAIMED_TIME, Executable
from drydock.submit import FILES_LIMIT, RAW_LIMIT
from tests.autograder.uploads_on_disk import write_uploads

_TIME = "20261125T200000Z"
_MOODLE = "Ada Lovelace_1_assignsubmission_file_"


def uploaded(folder: Path, *names: str) -> dict[Path, Upload]:
    """Files of these names below a folder, with what their names say."""
    write_uploads(folder, names)
    return {folder / name: read_name(PurePath(name), "service") for name in names}


def candidate(folder: Path, name: str, *members: str) -> Candidate:
    """An upload of this name: a zip with these members, or without any a file."""
    uploads = uploaded(folder, name)
    if members:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member in members:
                archive.writestr(member, member)
    return Candidate("ada", uploads)


@pytest.mark.parametrize(
    ("name", "is_readable"),
    [("a.ZIP", True), ("a.tar.xz", True), ("My Work.ipynb.txt", True), ("a.rar", False), ("a.pdf", False)],
)
def test_a_notebook_or_an_archive_can_be_read(tmp_path: Path, name: str, is_readable: bool) -> None:
    """Its name decides; other kinds are for a person."""
    assert candidate(tmp_path, name).is_readable is is_readable


def test_a_notebook_gets_the_name_of_its_assignment(tmp_path: Path) -> None:
    """Out of a zip and by itself; where several could be meant, each keeps its name."""
    files = candidate(tmp_path, "a.zip", "service (1).ipynb", "note").contents("service").files
    assert files.keys() == {"service.ipynb", "note"}
    assert candidate(tmp_path, "my work.ipynb").contents("service").files == {"service.ipynb": b"my work.ipynb"}
    assert has_notebook(candidate(tmp_path, "b.zip", "a.ipynb", "b.ipynb").contents("service").files)
    assert not has_notebook(candidate(tmp_path, "c.zip", "a.png").contents("service").files)


@pytest.mark.parametrize("prefix", [f"{_MOODLE}/", _MOODLE, "CS101-service-7/" + _MOODLE + "/"])
def test_the_files_of_one_upload_are_the_work_together(tmp_path: Path, prefix: str) -> None:
    """The notebook of the right name is the work, and the others lie beside it, with their folders; litter doesn't."""
    own = ["service.ipynb", "service_notes.ipynb", "entry.sh", "Dockerfile", "app/a.py", "._entry.sh", "timestamp.txt"]
    uploads = uploaded(tmp_path, *(prefix + name for name in own))
    [work] = candidates_of("ada", uploads)
    files, left_out = work.contents("service")
    assert files == {name: (prefix + name).encode() for name in own[:5]}
    assert (left_out, work.time, work.is_readable) == ("", NO_TIME, True)


def test_files_by_canvas_have_one_uploader_and_numbers_of_their_own(tmp_path: Path) -> None:
    """The only notebook gets its name, whatever it is called."""
    uploads = uploaded(tmp_path, "ada_9_101_my work.ipynb", "ada_9_102_entry.sh")
    [work] = candidates_of("ada", uploads)
    assert work.contents("service").files.keys() == {"service.ipynb", "entry.sh"}


def test_what_the_lms_adds_is_no_work(tmp_path: Path) -> None:
    """Moodle's online text and Sakai's comments lie in other folders than the files of the student."""
    moodle = uploaded(tmp_path, f"{_MOODLE}/service.ipynb", "Ada Lovelace_1_assignsubmission_onlinetext_/online.html")
    sakai = uploaded(tmp_path, "L, A(ada)/Submission attachment(s)/service.ipynb", "L, A(ada)/comments.txt")
    for uploads in (moodle, sakai):
        [work] = [work for work in candidates_of("ada", uploads) if work.is_readable]
        assert work.contents("service").files.keys() == {"service.ipynb"}


def test_an_archive_is_the_work_by_itself(tmp_path: Path) -> None:
    """It comes before the files beside it, which are named; a newer one comes first."""
    names = [f"service_ada_{time}.zip" for time in ("20261125T080000Z", "20261125T200000Z")]
    candidates = candidates_of("ada", uploaded(tmp_path, *(f"{_MOODLE}/{name}" for name in (*names, "report.pdf"))))
    assert [work.names for work in candidates if work.is_archive] == [names[1], names[0]]
    assert candidates[0].others == f"{names[0]}, report.pdf"
    assert candidates[0].is_archive
    assert not any(work.is_readable for work in candidates if not work.is_archive)


def test_an_archive_without_a_notebook_is_a_file_beside_one(tmp_path: Path) -> None:
    """As in a folder: the second candidate has all files of the upload."""
    works = candidates_of("ada", uploaded(tmp_path, f"{_MOODLE}/service.ipynb", f"{_MOODLE}/data.zip"))
    assert [work.names for work in works] == ["data.zip", "service.ipynb, data.zip"]
    assert works[1].contents("service").files.keys() == {"service.ipynb", "data.zip"}


def test_uploads_of_other_times_are_others(tmp_path: Path) -> None:
    """Brightspace and Blackboard say when it was, so two attempts are not mixed; without an LMS each file is one."""
    attempts = [f"W_ada_attempt_2026-11-{day}-10-00-00_{name}" for day in (27, 28) for name in ("a.ipynb", "b.sh")]
    works = candidates_of("ada", uploaded(tmp_path, *attempts))
    assert [[upload.file for upload in work.uploads.values()] for work in works] == [["a.ipynb", "b.sh"]] * 2
    assert works[0].time > works[1].time
    assert len(candidates_of("ada", uploaded(tmp_path, f"service_ada_{_TIME}.ipynb", "service_ada_x.sh"))) == 2


def test_what_is_too_large_is_left_out(tmp_path: Path) -> None:
    """It is not even read; a notebook without end is damaged."""
    uploads = uploaded(tmp_path, f"{_MOODLE}/service.ipynb", f"{_MOODLE}/video.bin")
    os.truncate(tmp_path / _MOODLE / "video.bin", FILES_LIMIT + 1)
    [work] = candidates_of("ada", uploads)
    assert work.contents("service") == ({"service.ipynb": f"{_MOODLE}/service.ipynb".encode()}, "video.bin")
    os.truncate(tmp_path / _MOODLE / "service.ipynb", RAW_LIMIT + 1)
    with pytest.raises(DamagedArchive, match="larger"):
        work.contents("service")


def test_files_are_written_with_their_mode_and_a_claim_is_marked(tmp_path: Path) -> None:
    """Only the student says when this was uploaded; an LMS that says it leaves nothing to claim."""
    work = candidate(tmp_path, f"service_ada_{_TIME}.zip")
    assert work.write({"app/run.sh": Executable(b"x")}, tmp_path / "out") == []
    assert (tmp_path / "out" / "app" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out" / CLAIMED_TIME).is_file()
    dated = candidate(tmp_path, f"W_ada_attempt_2026-11-28-10-00-00_service_ada_{_TIME}.zip")
    dated.write({"a": b""}, tmp_path / "dated")
    assert not (tmp_path / "dated" / CLAIMED_TIME).exists()


def test_a_file_whose_name_has_no_place_is_left_out(tmp_path: Path) -> None:
    """Too long, a path too long, below another file, no text: the notebook and the rest are written all the same."""
    odd = ["x" * 270, "/".join(["y" * 200] * 12), "app/a.py", "half \ud83d"]
    files = dict.fromkeys([*odd, "app", "service.ipynb", "page.html"], b"1")
    refused = candidate(tmp_path, "a.zip").write({**files, "app": b"1"}, tmp_path / "out")
    assert "app" in refused or "app/a.py" in refused
    assert {odd[0], odd[1], odd[3]} <= set(refused)
    assert {"service.ipynb", "page.html"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_nothing_of_an_upload_stays_whose_notebook_can_not_be_written(tmp_path: Path) -> None:
    """A name longer than the file system takes; nor if nothing can be. A second notebook of such a name is no harm."""
    too_long = "x" * 300 + ".ipynb"
    for files in ({"a": b"", too_long: b""}, {too_long[:-6]: b""}):
        with pytest.raises(OSError, match="too long"):
            candidate(tmp_path, "a.zip").write(files, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    assert candidate(tmp_path, "a.zip").write({too_long: b"", "service.ipynb": b""}, tmp_path / "out") == [too_long]


def test_a_time_that_is_none_stands_before_all_others() -> None:
    """So is no time at all, and a year of no submission, which Python writes with one digit."""
    times = (_TIME, "99999999T999999Z", "00010101T000000Z", "23000101T000000Z", None)
    assert [valid_time(time) for time in times] == [_TIME, NO_TIME, NO_TIME, NO_TIME, NO_TIME]
