"""The command ``drydock``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drydock import cli, lab
from drydock.core.endpoint import Endpoint
from drydock.engine import clean
from drydock.errors import NoNotebooks

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands here look at the host's own daemon only: whether there are machines too is not the question."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "host")


@pytest.mark.parametrize("words", [[], ["lab"], ["doctor"], ["machine"], ["images"], ["images", "build"], ["clean"]])
def test_each_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command tells what it does."""
    with pytest.raises(SystemExit) as caught:
        cli.main([*words, "--help"])
    assert caught.value.code == 0
    assert "usage: drydock" in capsys.readouterr().out


def test_a_message_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that a person can act on is printed as its message, and the exit code is 1."""
    assert cli.main(["lab", "/nowhere"]) == 1
    assert capsys.readouterr().err == f"{NoNotebooks(Path('/nowhere'))}\n"


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-c ends a command with the exit code that shells expect."""

    def interrupt(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(lab, "lab", interrupt)
    assert cli.main(["lab"]) == 130


def test_what_is_for_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows ``--`` is Jupyter's, even if we had an option of that name."""
    seen: dict[str, object] = {}
    monkeypatch.setattr(lab, "lab", lambda folder, **options: seen.update(options, folder=folder) or 0)
    assert cli.main(["lab", "course", "--port", "9", "--", "--port", "8"]) == 0
    assert seen == {"folder": Path("course"), "browser": True, "port": 9, "extra": ["--port", "8"]}


@pytest.mark.host
def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    """The doctor's table ends with the good news, and its JSON is nothing but JSON."""
    assert cli.main(["doctor"]) == 0
    assert "All is well." in capsys.readouterr().out
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
    assert "no Docker answers there" in told["trouble"]


@pytest.mark.host
def test_images(capsys: pytest.CaptureFixture[str]) -> None:
    """The images are listed, and building them again finds nothing to do."""
    assert cli.main(["images", "build", "busybox"]) == 0
    capsys.readouterr()
    assert cli.main(["images", "build", "busybox"]) == 0
    assert capsys.readouterr().out == "All of them are there.\n"
    assert cli.main(["images", "ls"]) == 0
    assert "drydock/busybox:1.37" in capsys.readouterr().out


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ``clean`` would have removed: one thing is found, and it stays when it is called stubborn."""
    gone: list[str] = []
    thing = clean.Thing("volume", "test-stubborn", "", lambda: gone.append("test-stubborn"))
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
