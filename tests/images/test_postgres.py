"""drydock/postgres: a database made once, that keeps its secrets and outlives its container."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from tests.images.reach import told

pytestmark = pytest.mark.host

TAG = "drydock/postgres:17"
DATA = "/var/lib/postgresql/data"
TIDES = {"POSTGRES_USER": "harbour", "POSTGRES_DB": "tides", "POSTGRES_PASSWORD": "low water"}

Database = Callable[..., Container]


@pytest.fixture
def tides(volume: str, start: Callable[..., Container]) -> Database:
    """Starts a database in the test's volume and waits until it answers over the network."""

    def starter(environment: dict[str, str] = TIDES, **options: Any) -> Container:
        database = start(TAG, environment=environment, volumes={volume: {"bind": DATA}}, **options)
        ready = ("pg_isready", "--quiet", "--host=127.0.0.1")
        wait_for(lambda: told(database, *ready)[0] == 0, "the database", seconds=90, seen=lambda: _log(database))
        return database

    return starter


def ask(database: Container, sql: str, password: str = "low water") -> str:
    """What psql says when it comes over the network with a password."""
    options = ("--no-password", "--quiet", "--tuples-only", "--no-align", "--host=127.0.0.1")
    return told(database, "psql", *options, "--command", sql, "tides", "harbour", PGPASSWORD=password)[1].strip()


def _log(container: Container) -> str:
    return container.logs().decode()


def test_the_variables_mean_what_they_mean_elsewhere(tides: Database) -> None:
    """Owner, password and database are as asked for, and nobody gets in with another password."""
    database = tides()
    assert ask(database, "SELECT current_user, current_database()") == "harbour|tides"
    assert ask(database, "SELECT current_setting('server_version_num')::int / 10000") == "17"
    assert "password authentication failed" in ask(database, "SELECT 1", password="high water")


def test_a_password_in_a_file_stays_there(tides: Database) -> None:
    """It counts like the variable, and is in none."""
    settings = {"POSTGRES_USER": "harbour", "POSTGRES_DB": "tides", "POSTGRES_PASSWORD_FILE": "/etc/password"}
    database = tides(settings, files={"/etc/password": b"low water\n"})
    assert ask(database, "SELECT 1") == "1"
    assert "low water" not in str(database.attrs)
    assert "low water" not in told(database, "cat", "/proc/1/environ", "/proc/1/cmdline")[1]


def test_data_outlive_the_container(tides: Database) -> None:
    """After a kill another container finds what the first one wrote, and makes nothing anew."""
    first = tides()
    ask(first, "CREATE TABLE tide (metres real); INSERT INTO tide VALUES (2.5)")
    first.kill()
    first.wait()
    second = tides()
    assert ask(second, "SELECT * FROM tide") == "2.5"
    assert "initialized" not in _log(second)
    assert "automatic recovery in progress" in _log(second)


def test_it_runs_with_next_to_nothing(tides: Database) -> None:
    """A root that may only be read, no capability, two temporary folders, and not root."""
    database = tides(
        read_only=True, tmpfs={"/run/postgresql": "", "/tmp": ""}, cap_drop=["ALL"],
        security_opt=["no-new-privileges"], network_mode="none",
    )  # fmt: skip
    assert ask(database, "SELECT 1") == "1"
    assert told(database, "id", "-un") == (0, "postgres\n")


def test_it_stops_in_order(tides: Database) -> None:
    """The server is the first process, so `docker stop` reaches it, and it ends as it should."""
    database = tides()
    assert told(database, "cat", "/proc/1/comm") == (0, "postgres\n")
    database.stop(timeout=30)
    assert database.wait()["StatusCode"] == 0
    assert _log(database).rstrip().endswith("database system is shut down")


def test_scripts_are_run_once(tides: Database) -> None:
    """SQL in /docker-entrypoint-initdb.d/ fills a new database before anybody can ask it."""
    script = b"CREATE TABLE port (name text);\nINSERT INTO port VALUES ('Whitby');\n"
    database = tides(files={"/docker-entrypoint-initdb.d/10-ports.sql": script})
    assert ask(database, "SELECT name FROM port") == "Whitby"
    database.restart(timeout=30)
    wait_for(lambda: ask(database, "SELECT count(*) FROM port") == "1", "the database", seconds=60)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "has no password"),
        (
            {"POSTGRES_PASSWORD_FILE": "/run/secrets/password"},
            "names /run/secrets/password, which postgres cannot read",
        ),
        ({"POSTGRES_PASSWORD": "a", "POSTGRES_PASSWORD_FILE": "/etc/hostname"}, "which one counts?"),
    ],
)
def test_without_a_password_it_says_so(start: Callable[..., Container], settings: dict[str, str], words: str) -> None:
    """It ends at once and tells what it wants, instead of starting for everybody."""
    database = start(TAG, environment=settings)
    assert database.wait(timeout=60)["StatusCode"] == 1
    assert words in _log(database)


def test_what_it_needs_is_there(run: Callable[..., str]) -> None:
    """No program and no extension lacks a library, though most of what its packages bring is left out."""
    script = 'for file in "$0"/bin/* "$0"/lib/*.so; do ldd "$file"; done | grep "not found" || true'
    assert run(TAG, "bash", "-c", script, "/usr/lib/postgresql/17") == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """It stays under 150 MB, Debian's 76 included."""
    assert megabytes(TAG) < 150
