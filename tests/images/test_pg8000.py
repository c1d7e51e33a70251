"""drydock/python:3.13-pg8000: Python with a PostgreSQL driver."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from tests.images.reach import execute

pytestmark = pytest.mark.host

TAG = "drydock/python:3.13-pg8000"

QUERY = """
import sys
import pg8000.native
with pg8000.native.Connection("postgres", host=sys.argv[1], password="spring") as tides:
    print(tides.run("SELECT :hours::int * 2", hours=6))
"""


def test_a_query(network: str, start: Callable[..., Container], run: Callable[..., str]) -> None:
    """The driver logs in with a password, sends a query and returns the result."""
    settings = {"POSTGRES_PASSWORD": "spring"}
    database = start("drydock/postgres:17", environment=settings, network=network, name=f"{network}-db")
    ready = ("pg_isready", "--quiet", "--host=127.0.0.1")
    wait_for(lambda: execute(database, *ready)[0] == 0, "the database", seconds=90)
    assert run(TAG, "python3", "-c", QUERY, str(database.name), network=network) == "[[12]]\n"


def test_modules_are_compiled(run: Callable[..., str]) -> None:
    """A start compiles no module, which would be slow in a machine."""
    script = "import pathlib, pg8000.native as m, scramp; print(pathlib.Path(m.__cached__).exists())"
    assert run(TAG, "python3", "-c", script) == "True\n"


def test_packages_are_configured(run: Callable[..., str]) -> None:
    """dpkg finds its packages configured, like those of the parent image."""
    assert run(TAG, "dpkg", "--audit") == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image adds 3 MB to Python's 125."""
    assert megabytes(TAG) < 130
