"""The gradebook on a real PostgreSQL: the course's own image, in a machine."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from autograder.cli import main
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import scores
from autograder.verdict import Verdict
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from tests.autograder.conftest import load_assignment, submit_notebook
from tests.autograder.gradebook.test_recorder import verdict

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL that answers, without the name of a database."""
    password = secrets.token_urlsafe(12)
    with Machine(memory_mb=768) as machine, closing(machine.client()) as client:
        client.containers.run(
            "drydock/postgres:17",
            environment={"POSTGRES_PASSWORD": password},
            ports={"5432/tcp": 5432},
            labels={LABEL: "autograder-tests"},
            detach=True,
        )
        host, port = machine.reach(5432)
        address = f"postgres:{password}@{host}:{port}"
        wait_for(lambda: _answers(f"postgresql://{address}/postgres"), "PostgreSQL", seconds=60, every=0.5)
        yield address


@pytest.fixture
def database(server: str) -> str:
    """The address of a new database."""
    name = f"marks_{secrets.token_hex(4)}"
    with psycopg.connect(f"postgresql://{server}/postgres", autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql+psycopg://{server}/{name}"


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


#: One after the other: a second verdict on the same student replaces the first.
VERDICTS = [
    verdict("failed"),
    verdict("passed"),
    Verdict("bob", "service", "crashed", verdict("skipped").checks, 1),
    Verdict("eve", "service", "graded", (*verdict("passed").checks[:3], *verdict("failed").checks[3:]), 1),
]


def marks(course: Course) -> dict[str, dict[str, float]]:
    """What the gradebook says of each student and check."""
    with course.gradebook() as book:
        return {student: scores(book, load_assignment(), student) for student in ("ada", "bob", "eve")}


def test_the_marks_are_those_of_sqlite(released: Course, database: str) -> None:
    """The same verdicts give the same scores and the same files."""
    for graded in VERDICTS:
        Recorder(released).record(graded)
    moved = Course(released.root, db=database)
    moved.release("service")
    for graded in VERDICTS:
        Recorder(moved).record(graded)
    assert marks(moved) == marks(released)
    assert sum(marks(moved)["ada"].values()) == 10


def test_one_command_grades_into_it(course: Course, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An assignment it does not know yet is released there first; no file for SQLite is made."""
    submit_notebook(course, "ada", b"no notebook")
    for _ in range(2):
        assert main(["--course", str(course.root), "grade", "service", "--db", database]) == 0
    assert "unreadable" in capsys.readouterr().out
    with Course(course.root, db=database).gradebook() as book:
        assert set(scores(book, load_assignment(), "ada").values()) == {0}
    assert not (course.build / "gradebook.db").exists()


def test_a_wrong_password_is_told_without_naming_it(
    course: Course, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the server's own reason."""
    submit_notebook(course, "ada", b"no notebook")
    wrong = database.replace("postgres:", "postgres:secret", 1)
    assert main(["--course", str(course.root), "grade", "service", "--db", wrong]) == 1
    message = capsys.readouterr().err
    assert "password authentication failed" in message
    assert "secret" not in message
