"""A class of sixty in a real nbgrader course: the exchange and an LMS's zips mixed, 24 of the submissions odd.

Once without machines, where a notebook that can be read gets all points, and once with a machine for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from autograder import commands
from autograder.cli import main
from autograder.commands import ATTENTION
from autograder.gradebook.course import Course
from autograder.gradebook.grades import grades_of
from tests.autograder import odd_submissions as odds
from tests.autograder.conftest import ROOT, copied_course, notebook_named, submit_notebook
from tests.autograder.odd_submissions import odd
from tests.autograder.prepared import PreparedExecutor

_CLASS = 60
_TIME = "2026-11-28 09:00:00.000000 UTC"
Files = dict[str, bytes]
#: A verdict's state, or what an instructor has to look at, and the score.
Row = tuple[str, float | None]
_FULL, _NOTHING, _ABSENT = ("graded", 10.0), ("unreadable", 0.0), ("not-submitted", None)


def zipped(files: Files) -> bytes:
    """A zip of these files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def folders() -> dict[str, tuple[Files, Row]]:
    """What a student's folder in the exchange holds, and the row that it must get."""
    right = notebook_named("perfect")
    return {
        "time-beyond-all-dates": ({"service.ipynb": right, "timestamp.txt": b"9" * 20}, _FULL),
        "file-name-of-no-text": ({"service.ipynb": right, "bad\udcff.txt": b""}, _FULL),
        "notebook-is-a-folder": ({"service.ipynb/notes.txt": b"1"}, _NOTHING),
        "a-copy": ({"service-Copy1.ipynb": right}, _FULL),
        "in-a-folder": ({"service/service.ipynb": right}, _FULL),
        "two-notebooks": ({"a.ipynb": right, "b.ipynb": right}, _NOTHING),
        "not-json": ({"service.ipynb": b"{'cells': []}"}, _NOTHING),
        "later-ids": ({"service.ipynb": odd(odds.ids_of_a_later_format)}, _FULL),
        "no-outputs": ({"service.ipynb": odd(odds.no_outputs)}, _FULL),
        "half-an-emoji": ({"service.ipynb": odd(odds.half_an_emoji)}, _FULL),
        "split-cell": ({"service.ipynb": odd(odds.split_and_retyped)}, _FULL),
        "brackets": ({"service.ipynb": odd(odds.brackets)}, _FULL),
        "colour": ({"service.ipynb": odd(odds.colour_without_a_number)}, _FULL),
    }


def uploads() -> dict[str, tuple[Files, Row]]:
    """What an LMS has of a student, and the row. It names these files as Moodle does, so it says whose they are."""
    right = notebook_named("perfect")
    good = zipped({"service.ipynb": right})
    finder = {"x/service.ipynb": right, "__MACOSX/x/._service.ipynb": b"x"}
    newest, older = (f"service_newest-is-damaged_202611{day}T090000Z.zip" for day in (28, 27))
    return {
        "finder": ({"x.zip": zipped(finder)}, _FULL),
        "upper-case": ({"service.ZIP": zipped({"service (1).ipynb": right})}, _FULL),
        "zip-in-zip": ({"all.zip": zipped({"service.zip": good})}, _FULL),
        "own-time": ({"a.zip": zipped({"service.ipynb": right, "timestamp.txt": b"1999-01-01"})}, _FULL),
        "no-such-time": ({"service_no-such-time_99999999T999999Z.zip": good}, _FULL),
        "bare-notebook": ({"my work.ipynb": odd(odds.large_output)}, _FULL),
        "newest-is-damaged": ({newest: good[: len(good) // 2], older: good}, _FULL),
        "only-damaged": ({"service_only-damaged_20261128T090000Z.zip": good[:40]}, _ABSENT),
        "anothers-name": ({"service_student-00_20991231T235959Z.zip": zipped({"service.ipynb": b"{}"})}, _ABSENT),
    }


#: What an instructor copied there by hand.
COPIED: dict[str, Callable[[Path], None]] = {
    "link": lambda place: place.symlink_to("../../student-00/service/service.ipynb"),
    "pipe": os.mkfifo,
}
HONEST = [f"student-{number:02}" for number in range(_CLASS)]


class SixtyStudents:
    """A course with an exchange, where the first students of a class are honest and the others odd."""

    def __init__(self, course: Course, odd_ones: list[str]) -> None:
        self.course = course
        self._folders, self._uploads = folders(), uploads()
        self.students = [*HONEST[: _CLASS - len(odd_ones)], *odd_ones]
        exchange = course.root / "exchange"
        self._inbound = exchange / "drydock" / "inbound"
        self._inbound.mkdir(parents=True)
        self._archive = course.build / "downloaded" / "service" / "archive"
        self._archive.mkdir(parents=True)
        config = course.root / "nbgrader_config.py"
        more = f'c.Exchange.root = "{exchange}"\nc.ExchangeCollect.check_owner = False\n'
        config.write_text(f"{config.read_text()}\n{more}")
        lines = [f"{student},Student,{student.title()},\n" for student in self.students]
        (course.root / "students.csv").write_text("id,first_name,last_name,email\n" + "".join(lines))
        self.nbgrader("db", "student", "import", "students.csv")

    def submit(self) -> None:
        """Have everybody submit: an honest student in turn through the exchange and through the LMS."""
        right = zipped({"service.ipynb": notebook_named("perfect")})
        for number, student in enumerate(self.students):
            if student in self._folders:
                self._through_exchange(student, self._folders[student][0])
            elif student in self._uploads:
                for name, data in self._uploads[student][0].items():
                    (self._archive / f"{student}_{number}_assignsubmission_file_{name}").write_bytes(data)
            elif student in HONEST and number % 2:
                (self._archive / f"{student}_{number}_assignsubmission_file_work.zip").write_bytes(right)
            elif student in HONEST:
                self._through_exchange(student, {"service.ipynb": notebook_named("perfect")})

    def grade(self, file: Path) -> tuple[int, float]:
        """Collect and grade; return the exit code and the seconds that it took."""
        began = time.monotonic()
        self.nbgrader("collect", "service")
        self.nbgrader("zip_collect", "service")
        for student in set(COPIED) & set(self.students):
            submit_notebook(self.course, student, b"")
            place = self.course.folder("submitted", student, "service") / "service.ipynb"
            place.unlink()
            COPIED[student](place)
        code = main(["--course", str(self.course.root), "grade", "service", "--json", str(file)])
        return code, time.monotonic() - began

    def nbgrader(self, *words: str) -> None:
        """Run one of nbgrader's commands, which must succeed."""
        command = [sys.executable, "-m", "nbgrader", *words]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by its name
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path}
        done = subprocess.run(
            command, cwd=self.course.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def _through_exchange(self, student: str, files: Files) -> None:
        folder = self._inbound / f"{student}+service+{_TIME}+x"
        for name, data in {"timestamp.txt": _TIME.encode(), "submission_secret.txt": b"s3cret", **files}.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """`autograder grade` judges without machines."""
    monkeypatch.setattr(commands, "_executor", lambda course, *_: PreparedExecutor(course.grading_config()))


def rows_in(file: Path) -> dict[str, Row]:
    """The rows that `--json` wrote, of which each student has one."""
    rows = json.loads(file.read_text())
    assert len({row["student"] for row in rows}) == len(rows)
    return {row["student"]: (row["state"], row.get("score")) for row in rows}


Times = tuple[float, float]


@pytest.fixture
def graded(
    course: Course, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> Callable[[], Times]:
    """Collects and grades a class with odd submissions, and one without, and looks at each row of both.

    Returns the seconds that each took.
    """

    def grade() -> Times:
        odd_ones = {name: row for name, (_, row) in {**folders(), **uploads()}.items()}
        odd_ones |= dict.fromkeys(COPIED, _NOTHING)
        mixed = SixtyStudents(course, list(odd_ones))
        expected = {**dict.fromkeys(mixed.students, _FULL), **odd_ones}
        assert len(expected) == _CLASS
        mixed.submit()
        code, seconds = mixed.grade(course.root / "rows.json")
        assert rows_in(course.root / "rows.json") == expected
        assert code == ATTENTION
        check_traces(course, expected, capsys.readouterr().out)
        honest = SixtyStudents(Course(copied_course(tmp_path_factory.mktemp("honest"))), [])
        honest.submit()
        plain_code, plain_seconds = honest.grade(honest.course.root / "rows.json")
        assert (plain_code, rows_in(honest.course.root / "rows.json")) == (0, dict.fromkeys(HONEST, _FULL))
        with capsys.disabled():
            print(
                f"\n{_CLASS} students, {len(odd_ones)} of them odd: {seconds:.0f} s; all honest: {plain_seconds:.0f} s"
            )
        return seconds, plain_seconds

    return grade


def check_traces(course: Course, expected: dict[str, Row], output: str) -> None:
    """The last lines name each student whom a person must see; scores and pages are there; no work was replaced."""
    absent = [name for name, row in expected.items() if row == _ABSENT]
    named = {"notebook-is-a-folder", "two-notebooks", "link", "pipe", "a-copy", *absent}
    assert {line.partition(":")[0] for line in output.splitlines() if ": " in line} >= named
    with course.gradebook() as book:
        scores = {grade.student: grade.score for grade in grades_of(book, "service")}
    assert scores == {student: score for student, (_, score) in expected.items() if score is not None}
    for student in scores:
        assert (course.folder("feedback", student, "service") / "service.html").is_file()
    assert (course.folder("submitted", "student-00", "service") / "service.ipynb").read_bytes() != b"{}"


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("prepared")
def test_sixty_rows_each_right(graded: Callable[[], Times]) -> None:
    """Nobody is missing, each odd submission has its score or its reason, and no honest one loses anything."""
    graded()


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(3600)
def test_sixty_in_machines(graded: Callable[[], Times]) -> None:
    """The same with a machine for each submission that can be read: the odd ones cost at most 1.3 times the time."""
    seconds, plain_seconds = graded()
    assert seconds <= 1.3 * plain_seconds
