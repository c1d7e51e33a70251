"""Each lesson is interrupted in three places, and run twice whole, on a machine and on the host's daemon."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from drydock import course_files, images, lab
from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL, data_folder
from drydock.learn import student_progress
from drydock.machine import Machine
from drydock.machine.artifacts import machine_build
from drydock.machine.store import artifact_cache
from scripts.lesson_reader import LESSONS, Lesson
from tests import groups

#: Longer than any cell takes, also where two tests run at a time and others besides; seconds.
LONGEST = 150
on_machines = partial(groups.spread, group="lessons", number=4)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine; what its containers publish appears on this computer, as it does for a student."""
    with Machine(publish=True) as machine:
        yield machine


def play(lesson: Lesson, endpoint: Endpoint, course: Path, until: int | None = None) -> float:
    """Run all cells in a notebook of that folder that uses that daemon; return the seconds.

    ``until`` is the number of cells to run, by default all. A lesson runs only once at a time on a computer, since the
    names of what it creates, such as a second machine, are fixed.
    """
    notebook: Any = nbformat.read(lesson.path, 4)
    notebook.cells = notebook.cells[:until]
    client = NotebookClient(notebook, timeout=LONGEST, resources={"metadata": {"path": str(course)}})
    own = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    own |= lab.jupyter_environment(environment.variables(endpoint))
    alone = artifact_cache.locked(data_folder() / f".{lesson.path.stem}.running")
    with (
        alone,
        docker_config() as config,
        client.setup_kernel(env=own | {"DOCKER_CONFIG": str(config), "TMPDIR": str(config)}),
    ):
        began = time.monotonic()
        for place, cell in enumerate(notebook.cells):
            client.execute_cell(cell, place)
        return time.monotonic() - began


@contextmanager
def docker_config() -> Iterator[Path]:
    """Give a folder for the docker command's configuration, with the plug-ins of the machine and of this computer.

    Lessons log in and switch contexts, which the command keeps there; several lessons run at the same time. It is for
    temporary files, too: buildx 0.13 leaves two folders for each Dockerfile that it reads from its input.
    """
    artifacts = machine_build.find()
    plugins = [str(artifacts.base / "tools" / "cli-plugins")] if artifacts else []
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker", "config.json")
    plugins += json.loads(own.read_text()).get("cliPluginsExtraDirs", []) if own.is_file() else []
    with tempfile.TemporaryDirectory(prefix="docker-config-") as folder:
        (Path(folder) / "config.json").write_text(json.dumps({"cliPluginsExtraDirs": plugins}))
        yield Path(folder)


def left_behind(endpoint: Endpoint, lesson: Lesson) -> list[str]:
    """What in that daemon still carries the lesson's label."""
    label: dict[str, Any] = {"label": f"{LABEL}={lesson.path.stem}"}
    with closing(endpoint.client()) as client:
        objects = [
            *client.containers.list(all=True, ignore_removed=True, filters=label),
            *client.images.list(filters=label),
        ]
        objects += [*client.networks.list(filters=label), *client.volumes.list(filters=label)]
    return [repr(entry) for entry in objects]


def play_again_and_again(lesson: Lesson, endpoint: Endpoint, folder: Path) -> None:
    """Interrupt the lesson in three places and run it twice whole, each time from the first cell; nothing of it stays.

    Solutions run in test_exercises.py.
    """
    course = folder / "course"
    course_files.place(lesson.path.parent, course)
    placed = set(course.iterdir())
    for quarters in (1, 2, 3):
        play(lesson, endpoint, course, until=len(lesson.cells) * quarters // 4)
    for _ in range(2):
        seconds = play(lesson, endpoint, course)
        print(f"{lesson.path.stem} on {endpoint.host}: {seconds:.1f} s")
        assert left_behind(endpoint, lesson) == []
        assert set(course.iterdir()) - placed <= {course / student_progress.NAME}


@pytest.fixture(scope="module")
def stocked(host: Endpoint) -> Endpoint:
    """The host's daemon with the images that lessons run."""
    with closing(host.client(timeout=300)) as client:
        images.build(client)
    return host


@pytest.mark.host
@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lesson", LESSONS, ids=str)
def test_on_the_hosts_daemon(lesson: Lesson, stocked: Endpoint, tmp_path: Path) -> None:
    """A lesson holds on a student's own Docker after each interruption and twice in a row, and nothing of it stays."""
    play_again_and_again(lesson, stocked, tmp_path)


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lesson", on_machines(LESSONS))
def test_on_a_machine(lesson: Lesson, machine: Machine, tmp_path: Path) -> None:
    """The same in a machine; test_exercises.py runs its cells by day, too."""
    play_again_and_again(lesson, machine.endpoint, tmp_path)
