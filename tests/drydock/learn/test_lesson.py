"""A lesson: opened at a machine, and what it does while no daemon is there."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

import drydock
from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.engine import Candidate, Engine
from drydock.errors import EngineLost, UnknownLesson
from drydock.learn import lesson as lesson_module
from drydock.learn.lesson import Lesson
from drydock.machine import Machine
from scripts.lesson_reader import COURSE

CLOSED = "tcp://127.0.0.1:9"
CANDIDATE = Candidate("local socket", "host", "it answers", Endpoint("unix:///nowhere"))


@pytest.fixture
def at_machine(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The shared machine as this process's Docker, and a course folder of this test's own."""
    for name, value in machine.endpoint.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("03_ports.ipynb", "tasks", "quizzes", "files"):
        (tmp_path / name).symlink_to(COURSE / name)
    monkeypatch.chdir(tmp_path)
    return machine


@pytest.mark.live
def test_it_opens_a_second_time_and_removes_what_it_left(at_machine: Machine) -> None:
    """What its client created is gone; a shell finds the lessons' docker command, and the label for it."""
    lesson = drydock.lesson("03_ports")
    lesson.client.containers.create("drydock/busybox:1.37", name="by-python")
    docker = subprocess.run(["sh", "-c", "command -v docker"], capture_output=True, text=True, check=True)
    assert docker.stdout.strip().endswith("drydock/learn/bin/docker")
    assert os.environ["DRYDOCK_LESSON_LABEL"] == lesson.label == f"{LABEL}=03_ports"
    again = drydock.lesson("03_ports")
    assert again is not lesson
    assert again.client.containers.list(all=True, filters={"label": again.label}) == []
    again.close()


@pytest.mark.live
@pytest.mark.xdist_group("exercises-1")  # the lesson that runs there has the same port
def test_a_passed_exercise_is_kept(at_machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Failed, hinted, passed; and from then on it is ticked."""
    with closing(drydock.lesson("03_ports")) as lesson:
        try:
            lesson.client.images.build(path="files/03_ports", tag="lesson/web:1", rm=True)
            lesson.check("03_ports.loopback")
            lesson.hint("03_ports.loopback")
            assert not lesson.check_watched()
            published = {"80/tcp": ("127.0.0.1", 8512)}
            lesson.client.containers.run("lesson/web:1", name="diary", detach=True, ports=published)
            assert lesson.fetch(8512)
            assert lesson.check_watched()
            assert ("03_ports.loopback", True) in [(id, done) for id, _, done in lesson.overview()]
            assert "Hint 1 of 2" in capsys.readouterr().out
        finally:
            lesson.clear()


@pytest.mark.live
def test_an_unknown_lesson_is_refused(at_machine: Machine) -> None:
    """The message lists the lessons of the course folder."""
    with pytest.raises(UnknownLesson, match="03_ports"):
        drydock.lesson("03_prots")


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lesson:
    """An open lesson whose daemon, which Drydock selected, is away."""
    for name in ("03_ports.ipynb", "tasks", "quizzes"):
        (tmp_path / name).symlink_to(COURSE / name)
    endpoint = Endpoint(f"unix://{tmp_path}/gone.sock")
    for name, value in environment.variables(endpoint).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    monkeypatch.setattr(
        lesson_module, "labelled_client", lambda endpoint, labels: docker.DockerClient(CLOSED, version="1.41")
    )
    return Lesson("03_ports", Engine(endpoint, "26", "1.45", "Debian", "here", CANDIDATE, ()), tmp_path)


def test_a_check_without_its_daemon(away: Lesson, capfd: pytest.CaptureFixture[str]) -> None:
    """The error is the daemon's, not that the check broke; the library's log does not reach the notebook."""
    try:
        with pytest.raises(EngineLost):
            away.check("loopback")
    finally:
        away.close()
    assert capfd.readouterr() == ("", "")


def test_ports_of_a_daemon_by_ssh(away: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exercise looks for published ports on the daemon's host, and not on this computer."""
    monkeypatch.setenv("DOCKER_HOST", "ssh://ada@lab.example")
    try:
        workspace: Any = None
        assert away._context(workspace).reach(8510, "tcp") == ("lab.example", 8510)
    finally:
        away.close()


def test_a_misspelt_lesson_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a client nor the label that the docker command would add."""
    monkeypatch.delenv("DRYDOCK_LESSON_LABEL", raising=False)
    endpoint = Endpoint("unix:///nowhere")
    with pytest.raises(UnknownLesson):
        Lesson("03_prots", Engine(endpoint, "26", "1.45", "Debian", "here", CANDIDATE, ()), tmp_path)
    assert "DRYDOCK_LESSON_LABEL" not in os.environ
