"""What the commands of ``drydock`` do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drydock import cli
from drydock.core.endpoint import Endpoint
from drydock.engine import clean

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands here look at the host's own daemon only: whether there are machines too is not the question."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "host")


@pytest.mark.host
def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    """The doctor's table ends with the good news, and its JSON is nothing but JSON."""
    assert cli.main(["doctor"]) == 0
    assert "Everything works." in capsys.readouterr().out
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_doctor_without_a_docker() -> None:
    """Where there is none the exit code is 1, and JSON says it too."""
    done = subprocess.run(
        [sys.executable, "-m", "drydock.cli", "doctor", "--json"],
        cwd=ROOT, env={**os.environ, "DOCKER_HOST": "unix:///nowhere"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["ok"], told["engine"]) == (False, None)
    assert "no Docker daemon answers there" in told["error"]


@pytest.mark.host
def test_images(capsys: pytest.CaptureFixture[str]) -> None:
    """The images are listed, and building them again finds nothing to do."""
    assert cli.main(["images", "build", "busybox"]) == 0
    capsys.readouterr()
    assert cli.main(["images", "build", "busybox"]) == 0
    assert capsys.readouterr().out == "All images are up to date.\n"
    assert cli.main(["images", "ls"]) == 0
    assert "drydock/busybox:1.37" in capsys.readouterr().out


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ``clean`` would have removed: one thing is found, and it stays when it is called stubborn."""
    gone: list[str] = []
    thing = clean.DockerObject("volume", "test-stubborn", "", lambda: gone.append("test-stubborn"))
    monkeypatch.setattr(clean, "find", lambda client: [thing])
    return gone


@pytest.mark.host
def test_clean_asks_first(
    monkeypatch: pytest.MonkeyPatch, removed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything is listed before it goes, and only a yes lets it go."""
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert cli.main(["clean"]) == 1
    assert "test-stubborn" in capsys.readouterr().out
    assert removed == []
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert cli.main(["clean"]) == 0
    assert removed == ["test-stubborn"]


@pytest.mark.host
def test_clean_tells_what_stayed(monkeypatch: pytest.MonkeyPatch, removed: list[str], host: Endpoint) -> None:
    """What could not be removed makes the exit code 1."""
    monkeypatch.setattr(clean, "remove", lambda things: [(things[0], "it is in use")])
    assert cli.main(["clean", "--yes"]) == 1
