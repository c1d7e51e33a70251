"""drydock/python:3.13-pg8000: Python that can talk to PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from tests.images.reach import told

pytestmark = pytest.mark.host

TAG = "drydock/python:3.13-pg8000"

ASKS = """
import sys
import pg8000.native
with pg8000.native.Connection("postgres", host=sys.argv[1], password="spring") as tides:
    print(tides.run("SELECT :hours::int * 2", hours=6))
"""


def test_it_talks_to_a_database(network: str, start: Callable[..., Container], run: Callable[..., str]) -> None:
    """It says who it is as PostgreSQL wants to hear it, asks, and understands the answer."""
    settings = {"POSTGRES_PASSWORD": "spring"}
    database = start("drydock/postgres:17", environment=settings, network=network, name=f"{network}-db")
    ready = ("pg_isready", "--quiet", "--host=127.0.0.1")
    wait_for(lambda: told(database, *ready)[0] == 0, "the database", seconds=90)
    assert run(TAG, "python3", "-c", ASKS, str(database.name), network=network) == "[[12]]\n"


def test_what_it_adds_is_compiled(run: Callable[..., str]) -> None:
    """A start compiles nothing: that would be slow in a machine."""
    script = "import pathlib, pg8000.native as m, scramp; print(pathlib.Path(m.__cached__).exists())"
    assert run(TAG, "python3", "-c", script) == "True\n"


def test_dpkg_is_content(run: Callable[..., str]) -> None:
    """Its packages are set up like those below."""
    assert run(TAG, "dpkg", "--audit") == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """It adds 3 MB to Python's 112."""
    assert megabytes(TAG) < 116
