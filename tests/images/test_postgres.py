"""drydock/postgres: a database that is created once, keeps its password secret and its data in a volume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from tests.images.reach import execute

pytestmark = pytest.mark.host

TAG = "drydock/postgres:17"
DATA = "/var/lib/postgresql/data"
TIDES = {"POSTGRES_USER": "harbour", "POSTGRES_DB": "tides", "POSTGRES_PASSWORD": "low water"}

Database = Callable[..., Container]


@pytest.fixture
def tides(volume: str, start: Callable[..., Container]) -> Database:
    """A function that starts a database in the test's volume and waits until it accepts connections by TCP."""

    def start_database(environment: dict[str, str] = TIDES, **options: Any) -> Container:
        database = start(TAG, environment=environment, volumes={volume: {"bind": DATA}}, **options)
        ready = ("pg_isready", "--quiet", "--host=127.0.0.1")
        wait_for(lambda: execute(database, *ready)[0] == 0, "the database", seconds=90, details=lambda: _log(database))
        return database

    return start_database


def ask(database: Container, sql: str, password: str = "low water") -> str:
    """Return what psql prints for a query, connected by TCP with a password."""
    options = ("--no-password", "--quiet", "--tuples-only", "--no-align", "--host=127.0.0.1")
    return execute(database, "psql", *options, "--command", sql, "tides", "harbour", PGPASSWORD=password)[1].strip()


def _log(container: Container) -> str:
    return container.logs().decode()


def test_variables_of_the_official_image(tides: Database) -> None:
    """User, password and database are as the variables say, and another password is refused."""
    database = tides()
    assert ask(database, "SELECT current_user, current_database()") == "harbour|tides"
    assert ask(database, "SELECT current_setting('server_version_num')::int / 10000") == "17"
    assert "password authentication failed" in ask(database, "SELECT 1", password="high water")


def test_a_password_in_a_file_stays_secret(tides: Database) -> None:
    """POSTGRES_PASSWORD_FILE sets the password, which then is in no environment variable and on no command line."""
    settings = {"POSTGRES_USER": "harbour", "POSTGRES_DB": "tides", "POSTGRES_PASSWORD_FILE": "/etc/password"}
    database = tides(settings, files={"/etc/password": b"low water\n"})
    assert ask(database, "SELECT 1") == "1"
    assert "low water" not in str(database.attrs)
    assert "low water" not in execute(database, "cat", "/proc/1/environ", "/proc/1/cmdline")[1]


def test_data_survive_the_container(tides: Database) -> None:
    """After a kill, another container with the same volume recovers the data and creates no new database."""
    first = tides()
    ask(first, "CREATE TABLE tide (metres real); INSERT INTO tide VALUES (2.5)")
    first.kill()
    first.wait()
    second = tides()
    assert ask(second, "SELECT * FROM tide") == "2.5"
    assert "initialized" not in _log(second)
    assert "automatic recovery in progress" in _log(second)


def test_it_runs_with_few_privileges(tides: Database) -> None:
    """It runs with a read-only root, no capability, two tmpfs mounts, and not as root."""
    database = tides(
        read_only=True, tmpfs={"/run/postgresql": "", "/tmp": ""}, cap_drop=["ALL"],
        security_opt=["no-new-privileges"], network_mode="none",
    )  # fmt: skip
    assert ask(database, "SELECT 1") == "1"
    assert execute(database, "id", "-un") == (0, "postgres\n")


def test_docker_stop_shuts_it_down(tides: Database) -> None:
    """The server is process 1, so `docker stop` reaches it and it shuts down cleanly."""
    database = tides()
    assert execute(database, "cat", "/proc/1/comm") == (0, "postgres\n")
    database.stop(timeout=30)
    assert database.wait()["StatusCode"] == 0
    assert _log(database).rstrip().endswith("database system is shut down")


def test_scripts_are_run_once(tides: Database) -> None:
    """SQL in /docker-entrypoint-initdb.d/ runs once, before the new database accepts connections."""
    script = b"CREATE TABLE port (name text);\nINSERT INTO port VALUES ('Whitby');\n"
    database = tides(files={"/docker-entrypoint-initdb.d/10-ports.sql": script})
    assert ask(database, "SELECT name FROM port") == "Whitby"
    database.restart(timeout=30)
    wait_for(lambda: ask(database, "SELECT count(*) FROM port") == "1", "the database", seconds=60)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "has no password"),
        (
            {"POSTGRES_PASSWORD_FILE": "/run/secrets/password"},
            "names /run/secrets/password, which postgres cannot read",
        ),
        ({"POSTGRES_PASSWORD": "a", "POSTGRES_PASSWORD_FILE": "/etc/hostname"}, "Set only one of them"),
    ],
)
def test_a_wrong_password_setting_is_reported(
    start: Callable[..., Container], settings: dict[str, str], message: str
) -> None:
    """Without a usable password it exits with a message, instead of starting a database open to everybody."""
    database = start(TAG, environment=settings)
    assert database.wait(timeout=60)["StatusCode"] == 1
    assert message in _log(database)


def test_no_library_is_missing(run: Callable[..., str]) -> None:
    """No program and no extension lacks a library, although most files of the packages are left out."""
    script = 'for file in "$0"/bin/* "$0"/lib/*.so; do ldd "$file"; done | grep "not found" || true'
    assert run(TAG, "bash", "-c", script, "/usr/lib/postgresql/17") == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image is smaller than 150 MB, of which Debian's image has 76."""
    assert megabytes(TAG) < 150
