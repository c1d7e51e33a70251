"""The whole way of an assignment through nbgrader's own commands and its formgrader, on a copy of the course."""

from __future__ import annotations

import csv
import os
import secrets
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from nbgrader.apps.api import NbGraderAPI

from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.verdict import Result, Verdict
from drydock.machine.network.slirp import free_port
from tests.autograder.conftest import ROOT, load_assignment, notebook_named, notebook_of, submit_notebook
from tests.serving import served

#: As `drydock submit` names a student's file, and as a learning system gives it out.
HANDED_IN = {
    "service_hoppergrace_20260130T150000Z.zip": "no-limit",
    "Ada Lovelace_4712_assignsubmission_file_service_lovelaceada_20260130T150000Z.zip": "perfect",
}


class Office:
    """A teacher's and a student's commands, with an exchange folder between them."""

    def __init__(self, course: Course, place: Path) -> None:
        self.course = course
        self.student = place / "student"
        self.exchange = place / "exchange"
        self.student.mkdir()
        self.exchange.mkdir(mode=0o777)
        self.exchange.chmod(0o777)  # nbgrader insists, whatever the umask
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(place / "jupyter")}
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def nbgrader(self, *words: str, student: bool = False) -> str:
        """One of nbgrader's commands, which must succeed; what it said."""
        exchange = [f"--Exchange.root={self.exchange}"] if words[0] in EXCHANGING else []
        folder = self.student if student else self.course.root
        command = [sys.executable, "-m", "nbgrader", *words, *exchange]
        done = subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stderr


EXCHANGING = {"release_assignment", "fetch_assignment", "submit", "collect", "release_feedback", "fetch_feedback"}


@pytest.fixture
def office(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A course from which nothing was released yet."""
    return Office(course, tmp_path_factory.mktemp("office"))


class Formgrader:
    """A client of the pages where a person grades."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"token {token}"

    def get(self, path: str, **parameters: str) -> Any:
        """What it knows."""
        return self._ask("GET", path, params=parameters)

    def put(self, path: str, **values: Any) -> Any:
        """Send values to a path."""
        return self._ask("PUT", path, json=values)

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._session.request(method, f"{self._address}/formgrader/api/{path}", timeout=60, **more)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def jupyter_server(office: Office) -> Iterator[tuple[str, str]]:
    """A real Jupyter server in the folder of the course: its address and its token."""
    port, token = free_port(), secrets.token_hex(8)
    words = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    words += [f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0"]
    address, log = f"http://127.0.0.1:{port}", office.student / "server.log"
    with served(words, f"{address}/", log, env=office.environment, cwd=office.course.root):
        yield address, token


@contextmanager
def formgrader(office: Office) -> Iterator[Formgrader]:
    """A client of the formgrader of such a server."""
    with jupyter_server(office) as (address, token), closing(Formgrader(address, token)) as client:
        yield client


def grade_in_words(formgrader: Formgrader, student: str, points: float, comment: str) -> None:
    """Read a student's answer to the open question, grade it and comment on it."""
    [notebook] = [
        entry for entry in formgrader.get("submitted_notebooks/service/service") if entry["student"] == student
    ]
    [grade] = [
        entry for entry in formgrader.get("grades", submission_id=notebook["id"]) if entry["name"] == "service-in-words"
    ]
    assert (grade["needs_manual_grade"], grade["max_score"]) == (True, 2)
    formgrader.put(f"grade/{grade['id']}", manual_score=points, extra_credit=0)
    [remark] = [
        entry
        for entry in formgrader.get("comments", submission_id=notebook["id"])
        if entry["name"] == "service-in-words"
    ]
    formgrader.put(f"comment/{remark['id']}", manual_comment=comment)


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(600)
def test_an_assignment_goes_all_the_way(office: Office) -> None:
    """Release, fetch, submit, collect, collect from an archive, autograde, grade by hand, feedback, export."""
    course, build = office.course, office.course.build
    office.nbgrader("generate_assignment", "service")
    office.nbgrader("release_assignment", "service")
    office.nbgrader("fetch_assignment", "service", "--course", "drydock", student=True)
    (office.student / "service" / "service.ipynb").write_bytes(notebook_named("silent"))
    office.nbgrader("submit", "service", "--course", "drydock", student=True)
    office.nbgrader("collect", "service")
    [myself] = [folder.name for folder in (build / "submitted").iterdir()]

    archive = build / "downloaded" / "service" / "archive"
    archive.mkdir(parents=True)
    for name, which in HANDED_IN.items():
        with zipfile.ZipFile(archive / name, "w") as packed:
            packed.writestr("service.ipynb", notebook_named(which))
    office.nbgrader("zip_collect", "service")
    assert {submission.student for submission in course.submissions("service")} == {
        myself,
        "hoppergrace",
        "lovelaceada",
    }

    office.nbgrader("autograde", "service")
    with formgrader(office) as marks:
        grade_in_words(marks, "lovelaceada", 1.5, "How would you notice at *night*?")
        ada, grace, me = (marks.get(f"submission/service/{who}") for who in ("lovelaceada", "hoppergrace", myself))
    assert [(entry["score"], entry["max_score"]) for entry in (ada, grace, me)] == [(11.5, 12), (9, 12), (9, 12)]
    assert [entry["needs_manual_grade"] for entry in (ada, grace, me)] == [False, True, True]

    office.nbgrader("generate_feedback", "service")
    page = (build / "feedback" / "lovelaceada" / "service" / "service.html").read_text()
    assert "1.5 / 2.0" in page
    assert "How would you notice" in page
    assert "It has no limit." in (build / "feedback" / "hoppergrace" / "service" / "service.html").read_text()
    office.nbgrader("export")
    with (build / "grades.csv").open() as table:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(table)}
    assert rows == {"lovelaceada": (11.5, 12), "hoppergrace": (9, 12), myself: (9, 12)}


@pytest.mark.slow
@pytest.mark.parametrize("when", [None, "2026-01-30 15:00:00 UTC"])
def test_formgrader_knows_what_we_have_graded(released: Course, when: str | None) -> None:
    """It compares the time of the submission with the gradebook's, and otherwise asks for grading again."""
    submit_notebook(released, "ada", b"no notebook")
    if when:
        (released.folder("submitted", "ada", "service") / "timestamp.txt").write_text(when)
    [verdict] = Recorder(released).grade(released.submissions("service"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own way with its database
        submission = NbGraderAPI(released.places, config=released.config).get_submission("service", "ada")
    assert (verdict.state, submission["autograded"]) == ("unreadable", True)
    assert (submission["timestamp"] or "").startswith((when or "")[:10])


@pytest.mark.slow
def test_nbgraders_next_commands_work_after_ours(office: Office, released: Course) -> None:
    """Feedback is renewed without --force, with points and comment of a person; release and export end with 0.

    One student came through the exchange, one through a zip, and one cell of the notebook claims to be nbgrader's.
    """
    forged = notebook_of("1", nbgrader={"grade_id": "service-forged", "grade": True, "solution": True, "locked": False})
    for student in ("ada", "bob"):
        submit_notebook(released, student, forged)
    exchanged = released.folder("submitted", "ada", "service")
    (exchanged / "timestamp.txt").write_text("2026-11-28 09:00:00.000000 UTC")
    (exchanged / "submission_secret.txt").write_text("s3cret")
    recorder = Recorder(released)
    for work in released.submissions("service"):
        results = tuple(Result(check.id, check.line, check.points, "passed") for check in load_assignment().checks)
        recorder.record(Verdict(work.student, "service", "graded", results, 1, work.notebook.decode()), work)
    with released.gradebook() as book:
        where = ("service-in-words", "service", "service", "ada")
        book.find_grade(*where).manual_score = 1.5
        book.find_comment(*where).manual_comment = "How would you notice?"
        book.db.commit()
    office.nbgrader("generate_feedback", "service")
    page = (released.build / "feedback/ada/service/service.html").read_text()
    assert "11.5 / 12.0" in page
    assert "How would you notice?" in page
    office.nbgrader("release_feedback", "service")
    office.nbgrader("export")
    rows = list(csv.DictReader((released.build / "grades.csv").read_text().splitlines()))
    assert {row["student_id"]: row["score"] for row in rows} == {"ada": "11.5", "bob": "10.0"}


def test_a_time_that_is_none_does_not_stop_anybody(released: Course) -> None:
    """The file may be the student's own writing."""
    submit_notebook(released, "ada", b"no notebook")
    (released.folder("submitted", "ada", "service") / "timestamp.txt").write_text("some time in spring")
    [verdict] = Recorder(released).grade(released.submissions("service"))
    assert verdict.state == "unreadable"
    assert released.submitted_at("ada", "service") is None
