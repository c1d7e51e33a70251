"""Whatever is submitted: nothing raises, nothing takes longer than its deadline, nobody is lost.

Hypothesis makes the inputs: notebooks, archives, names, times and file trees; 300 by day, always the same, and 5,000
by night, new ones each time. The deadline is CPU time, so a busy computer fails no test.
"""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Literal

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.errors import UnreadableNotebook
from autograder.execution import sanitize
from autograder.gradebook import feedback, graded_folders
from autograder.gradebook.accounting import accounting
from autograder.gradebook.archive_reader import DamagedArchive
from autograder.gradebook.collect import ZipExtractor
from autograder.gradebook.intake import renamed_notebook, submission_in
from autograder.gradebook.submitted_archive import contents
from autograder.gradebook.uploads import match_student, read_name
from autograder.submission import Submission
from autograder.verdict import Verdict
from drydock.submit import STUDENT_PATTERN

Test = Callable[..., None]
#: Seconds of CPU time for one input of a few kilobytes.
_DEADLINE = 5.0
_EACH_BY_DAY, _EACH_BY_NIGHT = 60, 1000


def by_day_and_night(*strategies: Any) -> Callable[[Test], Test]:
    """Run a test with a few inputs by day, and with many by night."""

    def decorated(test: Test) -> Test:
        def run(night: bool) -> None:
            checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
            common = settings(deadline=None, database=None, suppress_health_check=checks, derandomize=not night)
            limited = settings(common, max_examples=_EACH_BY_NIGHT if night else _EACH_BY_DAY)
            decorate: Any = given(*strategies)
            property_test: Test = limited(decorate(test))
            property_test()

        run.__doc__ = test.__doc__
        run.__name__ = test.__name__
        nightly = pytest.param(True, marks=[pytest.mark.nightly, pytest.mark.timeout(1800)], id="night")
        return pytest.mark.parametrize("night", [pytest.param(False, id="day"), nightly])(run)

    return decorated


@contextmanager
def in_time() -> Iterator[None]:
    """Fail when the block takes longer than an input may."""
    began = time.process_time()
    yield
    assert time.process_time() - began < _DEADLINE


# --- inputs

_any_text = st.text(st.characters(exclude_categories=()), max_size=40)
_escapes = st.sampled_from(["\x1b[38m", "\x1b[38;5m", "\x1b[1;31m", "\x1b]0;x\x07", "<script>", "[" * 200, "![", "\r"])
_text = st.lists(_any_text | _escapes, max_size=4).map("".join)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_output = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "pyout", "odd"]) | _json},
    optional={
        "name": _json,
        "text": _text | st.lists(_text, max_size=2) | _json,
        "ename": _json,
        "traceback": st.lists(_text, max_size=3) | _json,
        "data": st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png"]), _json, max_size=3) | _json,
        "metadata": _json,
    },
)
_nbgrader = st.fixed_dictionaries(
    {"grade_id": st.sampled_from(["service-token", "service-in-words"]) | _json},
    optional=dict.fromkeys(("grade", "solution", "task", "points", "locked", "checksum", "schema_version"), _json),
)
#: Keys for which nbformat's schema has rules.
_known_keys = dict.fromkeys(("tags", "collapsed", "scrolled", "name", "format", "jupyter", "execution"), _json)
_cell = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | _json,
        "source": _text | st.lists(_text, max_size=3) | _json,
        "input": _text,
        "metadata": st.fixed_dictionaries({"nbgrader": _nbgrader | _json}, optional=_known_keys) | _json,
        "outputs": st.lists(_output, max_size=3) | _json,
        "execution_count": _json,
        "id": _json,
        "level": _json,
    },
)
_sheets = st.lists(st.fixed_dictionaries({"cells": st.lists(_cell, max_size=3)}) | _json, max_size=2)
_notebook = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(_cell | _json, max_size=6) | _json,
        "worksheets": _sheets,
        "metadata": st.fixed_dictionaries({}, optional=dict.fromkeys(("kernelspec", "title", "authors"), _json))
        | _json,
        "nbformat": st.sampled_from([3, 4, "4"]) | _json,
    },
)
_notebooks = _notebook.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200)

_path = st.lists(
    st.sampled_from(
        ["service.ipynb", "service (1).ipynb", "..", ".", "", "__MACOSX", "a", "C:", "timestamp.txt", "._x"]
    )
    | _any_text,
    min_size=1,
    max_size=3,
).map("/".join)
_TAR_MODES: dict[str, Literal["w", "w:gz", "w:bz2", "w:xz"]]
_TAR_MODES = {"tar": "w", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}
_members = st.lists(st.tuples(_path, st.binary(max_size=60), st.integers(0, 0xFFFF)), max_size=5)
#: How an archive is damaged: where it is cut off, and which byte is another.
_damage = st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1))

#: What a student's folder has: a name that need not be text, and a kind.
_entry_name = st.sampled_from(
    [b"service.ipynb", b"Service.IPYNB", b"bad\xff.ipynb", b"work.zip", b"timestamp.txt", b"checks.py", b"bad\xff.txt"]
)
_odd_name = st.binary(min_size=1, max_size=20).filter(
    lambda name: not set(name) & {0, 47} and name not in (b".", b"..")
)
_kinds = st.sampled_from(["file", "folder", "link", "pipe", "sealed"])
_entries = st.lists(st.tuples(_entry_name | _odd_name, _kinds, st.binary(max_size=40)), max_size=5)
_times = st.binary(max_size=60) | st.one_of(st.datetimes(), st.integers()).map(lambda value: str(value).encode())
_students = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(
    lambda name: re.fullmatch(STUDENT_PATTERN, name) is not None and name.strip() == name
)


def archive(members: list[tuple[str, bytes, int]], kind: str, damage: tuple[float, float] | None) -> bytes:
    """Return an archive of these members, as far as Python can write them; perhaps damaged."""
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as zipped:
            for name, data, mode in members:
                with suppress(ValueError, UnicodeError, UserWarning):
                    member = zipfile.ZipInfo(name)
                    member.external_attr = mode << 16
                    zipped.writestr(member, data)
    else:
        with tarfile.open(fileobj=buffer, mode=_TAR_MODES[kind]) as tarred:
            for name, data, mode in members:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), mode & 0o7777
                with suppress(ValueError, UnicodeError):
                    tarred.addfile(entry, io.BytesIO(data))
    whole = bytearray(buffer.getvalue())
    if damage:
        whole[int(damage[1] * (len(whole) - 1))] ^= 0xFF
        whole = whole[: int(damage[0] * len(whole))]
    return bytes(whole)


def make(folder: Path, entries: list[tuple[bytes, str, bytes]]) -> None:
    """Fill a folder with these entries, as far as the file system takes them; an entry never replaces another."""
    for name, kind, data in entries:
        path = folder / os.fsdecode(name)
        with suppress(OSError):  # two entries of one name
            if kind == "folder":
                path.mkdir()
                (path / "service.ipynb").write_bytes(data)
            elif kind == "link":
                path.symlink_to("../elsewhere")
            elif kind == "pipe":
                os.mkfifo(path)
            else:
                with path.open("xb") as file:
                    file.write(data)
                    os.fchmod(file.fileno(), 0 if kind == "sealed" else 0o644)


# --- properties


@pytest.mark.slow
@by_day_and_night(_notebooks)
def test_a_notebook_is_read_and_shown_or_unreadable(data: bytes) -> None:
    """What is read can be run, marked and shown, each cell of nbgrader once; the rest has a reason."""
    with in_time():
        try:
            notebook = sanitize.read(data)
        except UnreadableNotebook:
            return
        nbformat.validate(sanitize.bare(notebook))
        verdict = Verdict("ada", "service", "graded", (), 1, sanitize.text(sanitize.harmless(notebook)))
        known = {"service-token": {"grade": True, "solution": False, "task": False, "grade_id": "service-token"}}
        shown = feedback.to_mark(verdict, None, known)
        assert [cell.metadata.get("nbgrader") for cell in shown.cells].count(known["service-token"]) <= 1
        assert "<script" not in feedback.page(verdict)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@by_day_and_night(_members, st.sampled_from(["zip", *_TAR_MODES]), _damage)
def test_an_archive_is_read_whole_or_damaged(
    members: list[tuple[str, bytes, int]], kind: str, damage: tuple[float, float] | None
) -> None:
    """No path leads out of the student's folder, and nothing else comes out than a reason."""
    with tempfile.TemporaryDirectory() as folder, in_time():
        file = Path(folder) / f"work.{kind}"
        file.write_bytes(archive(members, kind, damage))
        try:
            files = contents(file).files
        except DamagedArchive:
            return
        assert not [path for path in files if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts]


@by_day_and_night(_any_text, _students, st.text(max_size=20))
def test_names_are_read(text: str, student: str, other: str) -> None:
    """Any name says something or nothing; the name that `drydock submit` gives says its student."""
    with in_time():
        for name in (text, f"{text}_1_assignsubmission_file_{other}.zip", f"{other}_attempt_{text}_x.zip"):
            read_name(PurePath(name or "x"), "service")
        assert match_student(text, [(student, other, text)]) in (None, student)
        upload = read_name(PurePath(f"service_{student}_20261128T090000Z.zip"), "service")
        assert student in (upload.claimed_student, upload.uploader) or upload.uploader is not None


@by_day_and_night(_times)
def test_times_are_times_or_none(data: bytes) -> None:
    """Whatever the file holds, nbgrader can read what is written beside the executed notebook."""
    with tempfile.TemporaryDirectory() as place, in_time():
        submitted, graded = Path(place) / "submitted", Path(place) / "graded"
        submitted.mkdir()
        (submitted / "timestamp.txt").write_bytes(data)
        graded_folders.complete_graded(graded, submitted)
        assert graded_folders.submitted_at(graded) is not None


@by_day_and_night(st.dictionaries(_students, _entries, min_size=1, max_size=4))
def test_nobody_is_lost(trees: dict[str, list[tuple[bytes, str, bytes]]]) -> None:
    """Each folder is a submission with a notebook or with a reason, and the reason is a row."""
    with tempfile.TemporaryDirectory() as place, in_time():
        (Path(place) / "elsewhere").write_text("not the student's")
        submissions: list[Submission] = []
        for number, (student, entries) in enumerate(trees.items()):
            folder = Path(place) / str(number)
            folder.mkdir()
            make(folder, entries)
            submissions.append(submission_in(folder, student, "service"))
            renamed_notebook(folder, "service")
            graded_folders.submitted_at(folder)
            assert b"not the student's" not in (submissions[-1].notebook, *submissions[-1].files.values())
        assert {work.student for work in submissions} == set(trees)
        assert all(len(work.digest()) == 64 and Submission.from_json(work.to_json()) == work for work in submissions)
        rows = {row.student for row in accounting(["absent"], [], submissions, {}) if row.kind == "nothing-to-grade"}
        assert rows == {work.student for work in submissions if work.problem}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_upload_is_collected_or_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Of a class with every kind of upload, each file is collected or stands in the log."""
    archive_folder, target = tmp_path / "archive", tmp_path / "extracted"
    archive_folder.mkdir()
    good = archive([("service.ipynb", b"{}", 0o100644)], "zip", None)
    uploads = {
        "service_long_20261128T090000Z.zip": archive([("x" * 300, b"1", 0o100644)], "zip", None),
        "service_clash_20261128T090000Z.zip": archive([("a", b"1", 0o100644), ("a/b", b"2", 0o100644)], "zip", None),
        "service_ada_20261128T090000Z.zip": good,
        "service_bob_99999999T999999Z.zip": good,
        "service_eve_20261128T090000Z.zip": good[:40],
        "holiday.zip": good,
        "service_joe_20261128T090000Z.tar.gz": b"",
    }
    for name, data in uploads.items():
        (archive_folder / name).write_bytes(data)
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.assignment_id = str(tmp_path), "service"
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path}/gradebook.db"
    app = ZipCollectApp(config=config)
    app.coursedir = CourseDirectory(config=config)
    extractor = ZipExtractor(parent=app)
    extractor.extract(str(archive_folder), str(target))
    log = capfd.readouterr().err
    assert {extractor.unpacked[path][0] for path in target.iterdir()} == {"ada", "bob", "clash"}
    left = ("service_eve_", "holiday.zip", "service_joe_", "service_long_", "service_clash_")
    assert [name for name in left if name not in log] == []
