"""Drydock from the wheel alone: a new environment, an ordinary user, a computer without Docker, no checkout.

The machine comes from a bundle, with its network helper: the user's PATH has none.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from drydock.core.waiting import wait_for
from drydock.machine.network.slirp import free_port
from tests.docs.test_adding_an_assignment import grade, make_course
from tests.machine_bundle import NAME, bundle_file
from tests.packaging.installed import Person, base_python, build, install, person

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

_TOKEN = "packaging"
#: Runs the first code cell of each notebook that it is given, each in a kernel of its own.
_FIRST_CELLS = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [next(cell for cell in notebook.cells if cell.cell_type == "code")]
    NotebookClient(notebook, timeout=120).execute()
    print("ran", path)
"""


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """A person with Drydock installed from its wheel, and with the artifacts of machines as a file from a teacher."""
    with person() as someone:
        python = base_python(someone)
        if python is None:
            pytest.skip("an ordinary user can run no Python 3.11 to 3.13 here: this one's is in a closed folder")
        install(someone, build("wheel", tmp_path_factory.mktemp("wheel")), python)
        bundle = someone.home / NAME
        shutil.copy(bundle_file(), bundle)
        bundle.chmod(0o644)
        try:
            yield replace(someone, variables={"DRYDOCK_BUNDLE": str(bundle)})
        finally:
            subprocess.run(someone.argv("drydock", "machine", "rm"), timeout=60, check=False)


@pytest.fixture(scope="module")
def course(student: Person) -> Path:
    """The course in the student's home, placed by the command itself."""
    student.run("drydock", "course")
    return student.home / "drydock-course"


def test_doctor_runs_a_container(student: Person) -> None:
    """`drydock doctor` finds that a machine can be booted, boots it, and runs a container in it."""
    assert "Everything works." in student.run("drydock", "doctor", timeout=600)


@pytest.mark.nightly
def test_lab_opens_on_the_course(student: Person, course: Path) -> None:
    """`drydock lab --no-browser` serves the lessons' page; after SIGTERM it leaves neither server nor machine."""
    port = free_port()
    options = ["--no-browser", "--port", str(port), "--", f"--IdentityProvider.token={_TOKEN}"]
    page = f"http://127.0.0.1:{port}/api/contents/course/README.md?token={_TOKEN}"
    with subprocess.Popen(student.argv("drydock", "lab", *options), cwd=course) as server:
        try:
            wait_for(lambda: answer(page), "JupyterLab to answer", seconds=180)
            assert json.loads(answer(page))["content"].startswith("# Drydock")
            assert "default: running" in student.run("drydock", "machine", "status")
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0
    assert "default: stopped" in student.run("drydock", "machine", "status")
    assert answer(page) == ""


def answer(url: str) -> str:
    """What a server answers to a request; nothing while there is none."""
    try:
        return requests.get(url, timeout=5).text
    except requests.ConnectionError:
        return ""


def test_the_docker_command_uses_a_machine(student: Person, course: Path) -> None:
    """`drydock machine start`, then Docker's own command line, which the machine brings."""
    student.run("drydock", "machine", "start", "--share", str(course))
    script = 'eval "$(drydock machine env)" && command -v docker && docker run --rm drydock/busybox:1.37 echo hello'
    docker, output = student.run("sh", "-c", script).splitlines()
    assert docker.startswith(f"{student.home}/.cache/drydock/")
    assert output == "hello"


@pytest.mark.nightly
def test_each_lesson_begins(student: Person, course: Path) -> None:
    """The first code cell of every lesson runs, in the folder that the student got."""
    student.run("drydock", "machine", "start", "--share", str(course))
    lessons = sorted(path.name for path in (course / "course").glob("*.ipynb"))
    halves = [lessons[::2], lessons[1::2]]
    script = course / "course" / "first_cells.py"
    script.write_text(_FIRST_CELLS)
    commands = [student.argv("python", script.name, *half) for half in halves]
    running = [subprocess.Popen(words, cwd=script.parent, stdout=subprocess.PIPE, text=True) for words in commands]
    outputs = [process.communicate(timeout=400)[0] for process in running]
    assert sorted(line for output in outputs for line in output.splitlines()) == [f"ran {name}" for name in lessons]


@pytest.mark.isolation
def test_a_fifth_assignment_is_released_and_graded(student: Person) -> None:
    """A course of somebody's own, by the page on adding an assignment, with the installed commands."""
    folder = student.home / "teaching"
    folder.mkdir()
    course = make_course(folder)
    student.own(folder)
    grade(course, program=student.argv("autograder"), environment={})
