"""The daemon that was taken, as a value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.engine.engine import Engine, _where
from drydock.engine.providers.candidate import Candidate

TAKEN = Candidate("local socket", "host", "a daemon answers", Endpoint("unix:///var/run/docker.sock"))
SOME = Engine(
    Endpoint("unix:///var/run/docker.sock"), "26.1", "1.45", "Debian <13>, linux/amd64", "on this computer", TAKEN, ()
)


@pytest.mark.host
def test_it_asks_the_daemon(host: Endpoint) -> None:
    """The facts are the daemon's own."""
    engine = Engine.look(host, TAKEN, (TAKEN,))
    assert engine.version[0].isdigit()
    assert engine.system.endswith("linux/amd64")
    assert engine.booted is None


def test_a_person_can_read_it() -> None:
    """Which engine, which system, where it runs and at which address: a line each."""
    words = [line.split()[0] for line in repr(SOME).splitlines()]
    assert words == ["engine", "system", "runs", "address"]


def test_the_notebooks_table_is_safe() -> None:
    """What a daemon says of itself is text in the table, and never HTML."""
    assert "Debian &lt;13&gt;" in SOME._repr_html_()


def test_missing_images_are_told() -> None:
    """A daemon without the lessons' images says so, and how to make them."""
    engine = replace(SOME, missing=tuple(images.recipes()[:1]))
    assert "drydock images build" in repr(engine)


@pytest.mark.parametrize(
    ("host", "info", "said"),
    [
        ("unix:///var/run/docker.sock", {}, "on this computer"),
        ("npipe:////./pipe/docker_engine", {}, "on this computer"),
        ("tcp://127.0.0.1:2375", {}, "on this computer"),
        ("tcp://lab.example:2376", {}, "on lab.example"),
        ("ssh://me@lab.example", {}, "on lab.example"),
        ("unix:///desktop", {"OperatingSystem": "Docker Desktop"}, "in Docker Desktop's virtual machine"),
    ],
)
def test_where_it_runs(host: str, info: dict[str, Any], said: str) -> None:
    """Where containers really run is said for each kind of address."""
    assert _where(Endpoint(host), info).startswith(said)


def test_a_machine_is_named() -> None:
    """A machine's address says which machine."""
    folder = data_folder() / "machines" / "second" / "tls"
    engine = replace(SOME, endpoint=Endpoint("tcp://127.0.0.1:2376", Path(folder)))
    assert engine.machine == "second"
    assert _where(engine.endpoint, {}).startswith("in the machine 'second'")
