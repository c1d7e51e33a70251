"""From `drydock submit` to nbgrader's folders, by nbgrader's own ``zip_collect``; and what a stranger's zip may do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.gradebook.collect import ZipName, contents
from autograder.gradebook.course import Course
from drydock import submit
from tests.autograder.conftest import ROOT

MORNING, EVENING = datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 11, 25, 20, tzinfo=UTC)


def zip_collect(course: Course, assignment: str) -> str:
    """Run nbgrader's own command; what it logged."""
    words = [sys.executable, "-m", "nbgrader", "zip_collect", assignment]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


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
    said = zip_collect(course, "dockerfile")
    arrived = course.folder("submitted", "ada_l@x.org", "dockerfile")
    names = {path.relative_to(arrived).as_posix() for path in arrived.rglob("*") if path.is_file()}
    assert names == {*made.contents, "timestamp.txt"}
    for name in made.contents:
        assert (arrived / name).read_bytes() == (folder / name).read_bytes()
    assert course.submitted_at("ada_l@x.org", "dockerfile") == EVENING.replace(tzinfo=None)
    assert [path.name for path in (course.build / "submitted").iterdir()] == ["ada_l@x.org"]
    assert "wants to write to" in said
    assert "essay.zip" in said
    [one] = course.submissions("dockerfile")
    assert one.notebook == (folder / "dockerfile.ipynb").read_bytes()
    assert one.files[".dockerignore"] == b"**/*.key\n"


def test_what_is_given_out_says_what_it_is(course: Course) -> None:
    """The student version names the cells for answers: those of the source that hold a solution."""
    source = json.loads((course.root / "assignments/service/service.ipynb").read_text())
    told = json.loads((course.release("service") / "service.ipynb").read_text())["metadata"][submit.METADATA_KEY]
    assert told["assignment"] == "service"
    solved = {cell["id"] for cell in source["cells"] if "### BEGIN SOLUTION" in "".join(cell["source"])}
    assert set(told["answers"]) == solved


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("service_ada_20261125T200000Z", "ada"),
        ("service_a_b@c.d_20261125T200000Z", "a_b@c.d"),
        ("Ada King_12_assignsubmission_file_service_ada_20261125T200000Z (1)", "ada"),
        ("dockerfile_ada_20261125T200000Z", None),
        ("service_../eve_20261125T200000Z", None),
        ("service__20261125T200000Z", None),
        ("service_ada_yesterday", None),
    ],
)
def test_a_name_tells_the_student(name: str, student: str | None) -> None:
    """Whatever was put around it on its way; another assignment's, or none, tells nobody."""
    read = ZipName.read(name, "service")
    assert (read and read.student) == student


def test_a_bomb_stays_packed(tmp_path: Path) -> None:
    """What would fill the disk is not unpacked, and neither are thousands of files."""
    with zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED) as large:
        large.writestr("zeros", b"\0" * (submit.FILES_LIMIT + submit.NOTEBOOK_LIMIT + 1))
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as many:
        for number in range(1001):
            many.writestr(str(number), "")
    for file, said in (("large.zip", "larger than any work"), ("many.zip", "1001 files")):
        with pytest.raises(ValueError, match=said):
            list(contents(tmp_path / file))
