"""The commands of ``drydock``."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drydock import cli, commands, course_setup
from drydock.core.endpoint import Endpoint
from drydock.engine import clean, discovery, doctor
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoEngine
from drydock.learn.student_progress import StudentProgress

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in these tests use the host's daemon, whether or not a machine is running."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "host")


@pytest.mark.host
def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    """The doctor's report ends with success, and with ``--json`` its output is valid JSON."""
    assert cli.main(["doctor"]) == 0
    assert "Everything works." in capsys.readouterr().out
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_doctor_without_an_engine() -> None:
    """Without an engine the exit code is 1, and the JSON report has the error."""
    done = subprocess.run(
        [sys.executable, "-m", "drydock.cli", "doctor", "--json"],
        cwd=ROOT, env={**os.environ, "DOCKER_HOST": "unix:///nowhere"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["ok"], report["engine"]) == (False, None)
    assert "no Docker daemon answers there" in report["error"]


@pytest.mark.host
def test_images(capsys: pytest.CaptureFixture[str]) -> None:
    """Building images that are up to date builds nothing, and the list has them."""
    assert cli.main(["images", "build", "busybox"]) == 0
    capsys.readouterr()
    assert cli.main(["images", "build", "busybox"]) == 0
    assert capsys.readouterr().out == "All images are up to date.\n"
    assert cli.main(["images", "ls"]) == 0
    assert "drydock/busybox:1.37" in capsys.readouterr().out


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of removed objects; ``clean`` finds one volume, which is no real one."""
    names: list[str] = []
    volume = clean.DockerObject("volume", "test-volume", "", lambda: names.append("test-volume"))
    monkeypatch.setattr(clean, "find", lambda client: [volume])
    return names


@pytest.mark.host
def test_clean_asks_first(
    monkeypatch: pytest.MonkeyPatch, removed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The objects are listed first, and removed only after the answer yes."""
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert cli.main(["clean"]) == 1
    assert "test-volume" in capsys.readouterr().out
    assert removed == []
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert cli.main(["clean"]) == 0
    assert removed == ["test-volume"]


@pytest.mark.host
def test_clean_reports_kept_objects(monkeypatch: pytest.MonkeyPatch, removed: list[str], host: Endpoint) -> None:
    """If an object could not be removed, the exit code is 1."""
    monkeypatch.setattr(clean, "remove", lambda objects: [(objects[0], "it is in use")])
    assert cli.main(["clean", "--yes"]) == 1


def test_progress_is_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each lesson with what has passed and when, and the lesson to go on with; also from the folder around it."""
    course = tmp_path / "course"
    (course / "tasks").mkdir(parents=True)
    shutil.copy(ROOT / "course" / "README.md", course)
    shutil.copy(ROOT / "course" / "tasks" / "03_ports.py", course / "tasks")
    StudentProgress.of(course).keep("03_ports", "publish")
    for folder in (tmp_path, course):
        assert cli.main(["progress", str(folder)]) == 0
        output = capsys.readouterr().out
        assert re.search(r"^03 .+ 1 of \d+ +2\d\d\d-", output, re.MULTILINE)
        assert "Go on with lesson 03." in output
    assert cli.main(["progress", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


class Booted:
    """An engine whose machine was booted by the search, and that machine."""

    def __init__(self) -> None:
        self.machine = "default"
        self.booted_machine = self
        self.stopped = 0

    def client(self) -> Any:
        """Return a client, which only has to be closed."""
        return SimpleNamespace(close=lambda: None)

    def stop(self) -> None:
        """Count the stops."""
        self.stopped += 1


@pytest.mark.parametrize("words", [["images", "ls"], ["images", "build"], ["clean", "--yes"]])
def test_a_machine_that_a_command_booted_is_stopped(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """Listing and removing leave no machine running that did not run before, also after an error."""
    engine = Booted()
    monkeypatch.setattr(discovery, "find", lambda **options: engine)

    def fail(*_: object) -> None:
        raise NoEngine([("DOCKER_HOST", "x")])

    outcomes: list[tuple[int, Callable[..., object]]] = [(0, lambda *_: []), (1, fail)]
    for number, (code, function) in enumerate(outcomes, 1):
        for module in ("images.ls", "images.build", "engine.clean.find"):
            monkeypatch.setattr(f"drydock.{module}", function)
        assert cli.main(words) == code
        assert engine.stopped == number


def test_a_reason_with_brackets_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """The brackets in the name of a Python package are no style of the table."""
    candidate = Candidate("DOCKER_HOST", "host", "pip install 'docker[ssh]'")
    commands._show(doctor.Report((candidate,), None, None, None, NoEngine([("DOCKER_HOST", "x")])))
    assert "docker[ssh]" in capsys.readouterr().out


def test_a_folder_in_a_command_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line that opens the course can be copied also where the folder's name has a space."""
    monkeypatch.setattr(course_setup, "set_up", lambda folder, here: folder)
    assert cli.main(["course", "/my work"]) == 0
    assert capsys.readouterr().out.endswith("drydock lab --course '/my work'\n")


@pytest.mark.parametrize("content", [b"# Mine\n", "| [00](00_a.ipynb) | A | 15 |\n".encode("utf-16")])
def test_a_page_without_lessons_is_named(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Another text, or another encoding: the message has the file and how to get the course's own."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "README.md").write_bytes(content)
    assert cli.main(["progress", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{tmp_path}/README.md lists no lessons.")


def test_an_odd_byte_in_the_page_hides_no_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page or a file of exercises that was saved in another encoding is read all the same."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "README.md").write_bytes("Grüße\n| [00](00_a.ipynb) | Tür | 15 |\n".encode("latin-1"))
    (tmp_path / "tasks" / "00_a.py").write_bytes(b'# \xfc\n@exercise("Look.")\ndef a(): ...\n')
    assert cli.main(["progress", str(tmp_path)]) == 0
    assert "0 of 1" in capsys.readouterr().out


def test_without_an_input_nothing_is_agreed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without standard input, as of a service manager, is not asked."""
    monkeypatch.setattr("sys.stdin", None)
    assert not commands._agreed("Remove these 2?")
