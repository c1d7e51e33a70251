"""From `drydock submit` to nbgrader's folders, by nbgrader's own ``zip_collect``; and what a hostile zip may do."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.apps import ZipCollectApp

from autograder.gradebook.course import Course
from drydock import submit
from tests.autograder.conftest import ROOT
from tests.autograder.uploads_on_disk import write_uploads

#: Zips as browsers and archive programs make them: the files in each, by the name of the zip.
UPLOADS: dict[str, list[str]] = {
    "service_safari_20261128T090000Z.zip": [
        "x/service.ipynb",
        "x/note.txt",
        "x/.DS_Store",
        "__MACOSX/x/._service.ipynb",
    ],
    "service_folder_20261128T090000Z.zip": ["service/service.ipynb", "service/note.txt"],
    "service_upperext_20261128T090000Z.ZIP": ["service.ipynb", "note.txt"],
    "service_renamed_20261128T090000Z.zip": ["service (1).ipynb"],
    "service_stamps_20261128T090000Z.zip": ["service.ipynb", "timestamp.txt"],
}
MORNING, EVENING = datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 11, 25, 20, tzinfo=UTC)


def zip_collect(course: Course, assignment: str) -> str:
    """Run nbgrader's own command; what it logged."""
    words = [sys.executable, "-m", "nbgrader", "zip_collect", assignment]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


@pytest.mark.slow
def test_from_a_students_folder_to_the_course(course: Course, tmp_path: Path) -> None:
    """What a student zips is what arrives: of two zips the later one, and nothing that isn't one of ours."""
    folder = tmp_path / "ada"
    shutil.copytree(course.release("dockerfile"), folder)
    archive = course.build / "downloaded" / "dockerfile" / "archive"
    (archive / "Ada Lovelace_7_file_").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "old").write_text("gone by the evening")
    shutil.move(submit.submit("dockerfile", where=folder, student="ada_l@x.org", now=MORNING).file, archive)
    (folder / "old").unlink()
    (folder / ".dockerignore").write_text("**/*.key\n")
    (folder / "Dockerfile").write_text("FROM drydock/python:3.13\n")
    made = submit.submit("dockerfile", where=folder, student="ada_l@x.org", now=EVENING)
    made.file.rename(archive / "Ada Lovelace_7_file_" / f"Lovelace_7_file_{made.file.stem} (1).zip")
    with zipfile.ZipFile(archive / "dockerfile_eve_20261125T200000Z.zip", "w") as evil:
        evil.writestr("../../../submitted/ada/dockerfile/dockerfile.ipynb", "{}")
    (archive / "essay.zip").write_text("no zip at all")
    report = zip_collect(course, "dockerfile")
    arrived = course.folder("submitted", "ada_l@x.org", "dockerfile")
    names = {path.relative_to(arrived).as_posix() for path in arrived.rglob("*") if path.is_file()}
    assert names == {*made.contents, "timestamp.txt", "claimed_time.txt"}
    for name in made.contents:
        assert (arrived / name).read_bytes() == (folder / name).read_bytes()
    assert course.submitted_at("ada_l@x.org", "dockerfile") == EVENING.replace(tzinfo=None)
    assert [path.name for path in (course.build / "submitted").iterdir()] == ["ada_l@x.org"]
    assert "wants to write to" in report
    assert "essay.zip" in report
    [submission] = course.submissions("dockerfile")
    assert submission.notebook == (folder / "dockerfile.ipynb").read_bytes()
    assert submission.files[".dockerignore"] == b"**/*.key\n"


@pytest.mark.slow
def test_what_is_given_out_says_what_it_is(course: Course) -> None:
    """The student version names the cells for answers: those of the source that hold a solution."""
    source = json.loads((course.root / "assignments/service/service.ipynb").read_text())
    metadata = json.loads((course.release("service") / "service.ipynb").read_text())["metadata"][submit.METADATA_KEY]
    assert metadata["assignment"] == "service"
    solved = {cell["id"] for cell in source["cells"] if "### BEGIN SOLUTION" in "".join(cell["source"])}
    assert set(metadata["answers"]) == solved


def collect_here(course: Course) -> None:
    """The same in this process, which logs to standard error."""
    places = course.places
    places.assignment_id = "service"
    app = ZipCollectApp(config=course.config)
    app.coursedir = places
    app.init_plugins()
    app.extract_archive_files()
    app.process_extracted_files()


def uploaded(course: Course, *names: str) -> None:
    """Put files of these names among the downloads."""
    write_uploads(course.build / "downloaded" / "service" / "archive", names)


def work_of(course: Course, student: str) -> str:
    """The notebook that was collected of a student."""
    return (course.folder("submitted", student, "service") / "service.ipynb").read_text()


def names_in(course: Course, student: str) -> set[str]:
    """The files that were collected of a student."""
    folder = course.folder("submitted", student, "service")
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_odd_uploads_are_taken_as_a_person_would(course: Course) -> None:
    """A folder around the work, a zip in a zip, a tar, a bare notebook, an execute bit, names of an LMS.

    What a student's own zip says of its time is not taken from a ``timestamp.txt`` in it.
    """
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    with course.gradebook() as book:
        book.add_student("king", first_name="Ada", last_name="King")
        book.add_student("noether")
    for name, members in UPLOADS.items():
        with zipfile.ZipFile(archive / name, "w") as upload:
            for member in members:
                upload.writestr(member, "1999-01-01 00:00:00")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as work:
        work.writestr("service.ipynb", "{}")
        script = zipfile.ZipInfo("entry.sh")
        script.external_attr = 0o100755 << 16
        work.writestr(script, "#!/bin/sh")
    with zipfile.ZipFile(archive / "king_12_345_homework.zip", "w") as outer:
        outer.writestr("homework.zip", inner.getvalue())
    folder = archive / "Noether, Emmy(noether)"
    folder.mkdir()
    (folder / "my notebook.ipynb").write_text("{}")
    with tarfile.open(archive / "service_älvar+x@uni.edu_20261128T090000Z.tar.gz", "w:gz") as packed:
        entry = tarfile.TarInfo("service/service.ipynb")
        packed.addfile(entry, io.BytesIO())
    log = zip_collect(course, "service")
    assert names_in(course, "safari") == {"service.ipynb", "note.txt", "timestamp.txt", "claimed_time.txt"}
    assert names_in(course, "folder") == {"service.ipynb", "note.txt", "timestamp.txt", "claimed_time.txt"}
    assert names_in(course, "upperext") == {"service.ipynb", "note.txt", "timestamp.txt", "claimed_time.txt"}
    assert names_in(course, "renamed") == {"service.ipynb", "timestamp.txt", "claimed_time.txt"}
    assert names_in(course, "king") >= {"service.ipynb", "entry.sh"}
    assert (course.folder("submitted", "king", "service") / "entry.sh").stat().st_mode & 0o100
    assert "service.ipynb" in names_in(course, "noether")
    assert "service.ipynb" in names_in(course, "älvar+x@uni.edu")
    stamp = (course.folder("submitted", "stamps", "service") / "timestamp.txt").read_text()
    assert stamp.startswith("2026-11-28")
    assert "Left where it is" not in log


@pytest.mark.slow
def test_the_newest_that_can_be_read_counts(course: Course) -> None:
    """A damaged zip is reported, and the older good one is collected whole."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "service_ada_20261125T080000Z.zip", "w") as good:
        good.writestr("service.ipynb", "{}")
    data = (archive / "service_ada_20261125T080000Z.zip").read_bytes()
    (archive / "service_ada_20261125T200000Z.zip").write_bytes(data[: len(data) // 2])
    (archive / "service_bob_99999999T999999Z.zip").write_bytes(data)
    assert "service_ada_20261125T200000Z.zip" in zip_collect(course, "service")
    assert names_in(course, "ada") == {"service.ipynb", "timestamp.txt", "claimed_time.txt"}


@pytest.mark.slow
def test_an_upload_without_a_notebook_is_named_or_replaced(course: Course) -> None:
    """The older upload with a notebook counts; without any, the student gets a reason, and other kinds are named."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    for name, member in (
        ("service_ada_20261125T080000Z.zip", "service.ipynb"),
        ("service_ada_20261125T200000Z.zip", "holiday.png"),
        ("service_bob_20261125T200000Z.zip", "holiday.png"),
    ):
        with zipfile.ZipFile(archive / name, "w") as work:
            work.writestr(member, "{}")
    (archive / "service_cid_20261125T200000Z.rar").write_bytes(b"Rar!")
    (archive / "service_dan_20261125T200000Z.ipynb.txt").write_text("{}")
    with zipfile.ZipFile(archive / "service_eve_20261125T200000Z.zip", "w"):
        pass
    log = zip_collect(course, "service")
    works = {work.student: work.problem for work in course.submissions("service")}
    assert works.keys() == {"ada", "bob", "dan"}
    assert [student for student, problem in works.items() if "no notebook" in problem] == ["bob"]
    assert "Nothing of cid was collected" in log
    assert "there are no files in it" in log


def test_the_time_of_the_lms_counts(course: Course) -> None:
    """Blackboard says when it was; the earlier time that the zip claims is not taken, and nothing is marked a claim."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    with course.gradebook() as book:
        book.add_student("ada")
    name = "Week 1_ada_attempt_2026-11-28-12-00-00_service_ada_20261101T080000Z.zip"
    with zipfile.ZipFile(archive / name, "w") as work:
        work.writestr("service.ipynb", "{}")
        work.writestr("claimed_time.txt", "mine")
    zip_collect(course, "service")
    assert names_in(course, "ada") == {"service.ipynb", "timestamp.txt"}
    when = datetime(2026, 11, 28, 12).astimezone(UTC).replace(tzinfo=None)
    assert course.submitted_at("ada", "service") == when
    assert course.claimed_times(course.submissions("service")) == set()


@pytest.mark.slow
def test_a_claim_does_not_replace_somebody_elses_work(course: Course) -> None:
    """Eve uploads a zip in Ada's name: the LMS knows who it was, so it stays where it is and Ada's counts."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    with course.gradebook() as book:
        book.add_student("ada")
        book.add_student("eve")
    for name, text in (("ada_1_2_service_ada_20261125T080000Z", "{}"), ("eve_3_4_service_ada_20261126T080000Z", "[]")):
        with zipfile.ZipFile(archive / f"{name}.zip", "w") as work:
            work.writestr("service.ipynb", text)
    log = zip_collect(course, "service")
    assert (course.folder("submitted", "ada", "service") / "service.ipynb").read_text() == "{}"
    assert "uploaded by eve and claims to be ada's" in log


def test_an_uploader_whom_the_roster_does_not_know_claims_nobodys_place(course: Course) -> None:
    """The LMS named somebody else, so Ada's own upload counts, and the other one is in the log."""
    archive = course.build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    with course.gradebook() as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
    for name, text in (
        ("lovelaceada_1_2_service_ada_20261125T080000Z", "{}"),
        ("moss_3_4_service_ada_20261126T080000Z", "[]"),
    ):
        with zipfile.ZipFile(archive / f"{name}.zip", "w") as work:
            work.writestr("service.ipynb", text)
    log = zip_collect(course, "service")
    assert (course.folder("submitted", "ada", "service") / "service.ipynb").read_text() == "{}"
    assert "The student of 'moss_3_4_service_ada_20261126T080000Z.zip' is unknown" in log


def test_several_files_of_one_upload_are_collected_together(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """The notebook of the right name is the work, beside it lie the others; an archive is the work by itself."""
    with course.gradebook() as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
        book.add_student("bob", first_name="Bob", last_name="Noyce")
    folder = "CS101-service-7/Ada Lovelace_1_assignsubmission_file_"
    own = ["service.ipynb", "service_notes.ipynb", "entry.sh", "Dockerfile"]
    uploaded(course, *(f"{folder}/{name}" for name in own))
    uploaded(course, *(f"Bob Noyce_2_assignsubmission_file_{name}" for name in ("work.zip", "report.pdf")))
    collect_here(course)
    assert work_of(course, "ada") == f"{folder}/service.ipynb"
    assert names_in(course, "ada") == set(own)
    assert names_in(course, "bob") == {"service.ipynb"}
    log = capfd.readouterr().err
    assert "but not Bob Noyce_2_assignsubmission_file_report.pdf (uploaded beside it)" in log


def test_the_roster_may_have_any_id(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """Characters of no zip's name, a long address, an accent in two characters; no id is read out of a name again."""
    students = {"cid|x": "Cid X", "UNI\\dan": "Dan D", f"{'e' * 80}@uni.example": "Eve E", "mu\u0308ll": "Max M"}
    with course.gradebook() as book:
        for student, name in students.items():
            first, _, last = name.partition(" ")
            book.add_student(student, first_name=first, last_name=last)
        book.add_student("a/b", first_name="Ann", last_name="B")
    uploaded(course, *(f"{name}_1_assignsubmission_file_/my work.ipynb" for name in list(students.values())[:3]))
    uploaded(course, "service_m\u00fcll_00010101T000000Z.zip", "Ann B_2_assignsubmission_file_/my work.ipynb")
    collect_here(course)
    for student in students:
        assert names_in(course, student) == {"service.ipynb"}
    log = capfd.readouterr().err
    assert "the id 'a/b' can't be the name of a folder" in log
    assert "no match information" not in log


def test_a_file_that_has_no_place_costs_nobody_the_others(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """A name too long, and a folder that Windows wrote: the notebook is collected, and the log names the rest."""
    uploaded(course, "service_ada_20261125T200000Z.zip")
    file = course.build / "downloaded" / "service" / "archive" / "service_ada_20261125T200000Z.zip"
    with zipfile.ZipFile(file, "a") as work:
        for name in ("x" * 270, "app\\", "app\\a.py"):
            work.writestr(name, "")
    collect_here(course)
    assert names_in(course, "ada") == {"service.ipynb", "app/a.py", "timestamp.txt", "claimed_time.txt"}
    assert f"but not {'x' * 120} (a name that no file can have)" in capfd.readouterr().err


def test_what_to_do_about_an_upload_of_nobody(course: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """The LMS's name counts before the file's, a notebook keeps its ending, and a zip may be everybody's."""
    with course.gradebook() as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
    uploaded(course, "Moss M_2_assignsubmission_file_/a.ipynb", "b.ipynb", "all.zip", "c.tar.gz", "notes.txt")
    collect_here(course)
    log = capfd.readouterr().err
    assert "is called 'Moss M'; correct it, or move the file out of its folder and rename it to service_STUDENT_" in log
    assert "'b.ipynb' is unknown: rename it to service_STUDENT_20261128T220000Z.ipynb" in log
    assert "'all.zip' is unknown: unpack it, if it is all that was uploaded; else rename it to service_STUDENT_" in log
    assert "service_STUDENT_20261128T220000Z.tar.gz" in log
    assert "notes.txt" not in log
