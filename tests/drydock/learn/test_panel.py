"""The panel of a lesson."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

import drydock
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import PortTaken
from drydock.learn.lesson import Lesson
from drydock.learn.panel import PLACE, Panel, place
from drydock.machine import Machine
from scripts.lesson_reader import COURSE
from tests.machines import BUSYBOX


def test_where_a_panel_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a variable says; nowhere without a notebook."""
    monkeypatch.delenv(PLACE, raising=False)
    assert place() == "off"
    monkeypatch.setenv(PLACE, "below")
    assert place() == "below"


@pytest.fixture
def lesson(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lesson]:
    """The lesson on ports on a machine, in a course folder of its own; what it created is removed."""
    for name, value in machine.endpoint.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("03_ports.ipynb", "tasks", "quizzes", "files"):
        (tmp_path / name).symlink_to(COURSE / name)
    monkeypatch.chdir(tmp_path)
    with closing(drydock.lesson("03_ports")) as lesson:
        yield lesson
        lesson.clear()


@pytest.mark.live
@pytest.mark.xdist_group("exercises-1")  # the lesson that runs there has the same port
def test_it_follows_the_daemon(lesson: Lesson) -> None:
    """A container appears and goes; an exercise is ticked by itself."""
    with closing(Panel(lesson, "below")) as panel:
        lesson.client.images.build(path="files/03_ports", tag="lesson/web:1", rm=True)
        made = lesson.client.containers.run(
            "lesson/web:1", name="diary", detach=True, ports={"80/tcp": ("127.0.0.1", 8512)}
        )
        wait_for(lambda: "running, 8512" in panel.html, "the container in the panel", seconds=60)
        wait_for(lambda: "1 of 5 done" in panel.html, "the exercise's tick", seconds=60)
        made.remove(force=True)
        wait_for(lambda: "running, 8512" not in panel.html, "the container to leave the panel", seconds=60)


@pytest.mark.live
def test_a_port_that_this_computer_has_is_reported(lesson: Lesson, client: docker.DockerClient) -> None:
    """The panel and `drydock.link` name the port of a container that another client started, until it is free."""
    with closing(Panel(lesson, "below")) as panel:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            labels = {LABEL: lesson.name}
            published = {"80/tcp": ("127.0.0.1", port)}
            container = client.containers.run(BUSYBOX, "sleep 300", ports=published, labels=labels, detach=True)
            report = f"Port {port}/tcp on this computer"
            wait_for(lambda: report in panel.html, "the port in the panel", seconds=60)
            with pytest.raises(PortTaken, match=report):
                drydock.link(container, 80)
        wait_for(lambda: report not in panel.html, "the free port in the panel", seconds=60)
        assert str(drydock.link(container, 80)).endswith(f":{port}/")
