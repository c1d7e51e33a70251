"""The selected engine and the facts about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.engine.engine import Engine, _location
from drydock.engine.providers.candidate import Candidate

LOCAL = Candidate("local socket", "host", "a daemon answers", Endpoint("unix:///var/run/docker.sock"))
ENGINE = Engine(
    Endpoint("unix:///var/run/docker.sock"), "26.1", "1.45", "Debian <13>, linux/amd64", "on this computer", LOCAL, ()
)


@pytest.mark.host
def test_facts_from_the_daemon(host: Endpoint) -> None:
    """Version and system come from the daemon."""
    engine = Engine.inspect(host, LOCAL, (LOCAL,))
    assert engine.version[0].isdigit()
    assert engine.system.endswith("linux/amd64")
    assert engine.booted_machine is None


def test_text_has_a_line_for_each_fact() -> None:
    """The text has the engine, its system, where it runs and its address, each in a line."""
    names = [line.split()[0] for line in repr(ENGINE).splitlines()]
    assert names == ["engine", "system", "runs", "address"]


def test_html_is_escaped() -> None:
    """The daemon's answers can't add HTML to the notebook's table."""
    assert "Debian &lt;13&gt;" in ENGINE._repr_html_()


def test_missing_images_are_listed() -> None:
    """For a daemon that lacks images of the lessons, the text has the command that builds them."""
    engine = replace(ENGINE, missing_images=tuple(images.recipes()[:1]))
    assert "drydock images build" in repr(engine)


@pytest.mark.parametrize(
    ("host", "info", "location"),
    [
        ("unix:///var/run/docker.sock", {}, "on this computer"),
        ("npipe:////./pipe/docker_engine", {}, "on this computer"),
        ("tcp://127.0.0.1:2375", {}, "on this computer"),
        ("tcp://lab.example:2376", {}, "on lab.example"),
        ("ssh://me@lab.example", {}, "on lab.example"),
        ("unix:///desktop", {"OperatingSystem": "Docker Desktop"}, "in Docker Desktop's virtual machine"),
    ],
)
def test_location(host: str, info: dict[str, Any], location: str) -> None:
    """Each kind of address has its words for where containers run."""
    assert _location(Endpoint(host), info).startswith(location)


def test_location_in_a_machine() -> None:
    """For a machine's address, the words have the machine's name."""
    folder = data_folder() / "machines" / "second" / "tls"
    engine = replace(ENGINE, endpoint=Endpoint("tcp://127.0.0.1:2376", Path(folder)))
    assert engine.machine == "second"
    assert _location(engine.endpoint, {}).startswith("in the Drydock machine 'second'")
