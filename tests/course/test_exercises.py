"""Every exercise of every lesson: it fails before, fails with its near misses, and passes with its solutions."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from drydock import course_files
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.learn.exercises import load
from drydock.machine import Machine
from drydock.machine.store import artifact_cache
from scripts.lesson_reader import COURSE, LESSONS, Lesson
from tests import groups
from tests.course.near_misses import near_misses, other_solutions
from tests.course.test_lessons import docker_config, left_behind
from tests.kept_results import kept
from tests.machines import build_parts

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=str)
#: The lessons that a machine runs by day: its ports and its shared folders.
ON_A_MACHINE_BY_DAY = [lesson for lesson in LESSONS if str(lesson) in {"03_ports", "06_volumes"}]
#: The lessons that this computer's Docker runs by day, in a third of the time: each kind of Docker's objects once.
ON_THE_HOST = {"01_containers", "04_limits", "07_dockerfiles", "09_compose", "11_inside", "14_orchestration"}
ON_THE_HOST_BY_DAY = [lesson for lesson in LESSONS if str(lesson) in ON_THE_HOST]
#: One lesson whose near misses are tried by day.
NEAR_MISSES_BY_DAY = {"03_ports"}
_BLOCK = re.compile(r"```(python|bash)\n(.*?)```", re.DOTALL)


def exercises_of(lesson: Lesson) -> list[str]:
    """The names of a lesson's exercises, in the order of its cells."""
    ids = re.compile(r'^check\("[^".]+\.([^"]+)"\)', re.MULTILINE)
    return [match[1] for cell in lesson.code if (match := ids.match(cell.source))]


@each_lesson
def test_exercises_and_cells_agree(lesson: Lesson) -> None:
    """The file of checks, the cells that call them, and the near misses name the same exercises, each with hints."""
    exercises = load(COURSE, lesson.path.stem)
    assert [exercise.name for exercise in exercises] == exercises_of(lesson)
    assert all(exercise.hints and exercise.goal.endswith(".") for exercise in exercises)
    assert near_misses(str(lesson)).keys() == set(exercises_of(lesson))
    assert all(near_misses(str(lesson)).values())


@pytest.mark.live
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lesson", groups.spread(ON_A_MACHINE_BY_DAY, "exercises", 2))
def test_on_a_machine(lesson: Lesson, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson runs whole on a machine; each exercise fails before its solution, and passes with it."""
    with kept(f"{lesson}-on-a-machine", _files_of(lesson)):
        play(lesson, machine.endpoint, tmp_path, monkeypatch, tries_misses=str(lesson) in NEAR_MISSES_BY_DAY)


@pytest.mark.host
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lesson", ON_THE_HOST_BY_DAY, ids=str)
def test_on_the_hosts_docker(lesson: Lesson, host: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on a student's own Docker."""
    build_parts()  # of the machine: it has the docker command's plug-ins
    with closing(host.client()) as client:
        version = client.version()["Version"]
    with kept(f"{lesson}-on-the-host", _files_of(lesson), version):
        play(lesson, host, tmp_path, monkeypatch, tries_misses=False)


def _files_of(lesson: Lesson) -> list[Path]:
    """The files that a lesson's run depends on, with those of this test."""
    tests = Path(__file__).parent
    places = [lesson.path, COURSE / "tasks" / f"{lesson.path.stem}.py", COURSE / "files" / lesson.path.stem]
    return [place for place in places if place.exists()] + [
        tests / "near_misses",
        Path(__file__),
        tests / "test_lessons.py",
    ]


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("lesson", groups.spread(LESSONS, "exercises", 4))
def test_near_misses_on_a_machine(
    lesson: Lesson, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student at a machine gets the ticks that the work deserves: none for a near miss."""
    play(lesson, machine.endpoint, tmp_path, monkeypatch)


@pytest.mark.host
@pytest.mark.nightly
@pytest.mark.timeout(900)
@each_lesson
def test_near_misses_on_the_hosts_docker(
    lesson: Lesson, host: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student with a Docker of their own gets the same."""
    play(lesson, host, tmp_path, monkeypatch)


def play(
    lesson: Lesson, endpoint: Endpoint, folder: Path, monkeypatch: pytest.MonkeyPatch, *, tries_misses: bool = True
) -> None:
    """Run the lesson with each exercise tried in all ways, and compare what its check says each time."""
    for name, value in endpoint.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DRYDOCK_PANEL", "off")
    notebook = nbformat.read(lesson.path, 4)
    notebook.cells = [new for cell in notebook.cells for new in _tried(lesson, cell, tries_misses)]
    course = folder / "course"
    course_files.place(COURSE, course)
    alone = artifact_cache.locked(data_folder() / f".{lesson.path.stem}.running")  # as in test_lessons.py
    with alone, docker_config() as config:
        monkeypatch.setenv("DOCKER_CONFIG", str(config))
        monkeypatch.setenv("TMPDIR", str(config))
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(course)}}).execute()
    states = [json.loads(line) for cell in notebook.cells for line in _printed(cell) if line.startswith('["state"')]
    wrong = [state for state in states if (state[3] == "passed") != state[4]]
    assert wrong == []
    assert left_behind(endpoint, lesson) == []
    assert {state[1] for state in states} == set(exercises_of(lesson))


def _tried(lesson: Lesson, cell: Any, tries_misses: bool) -> list[Any]:
    """The cells in place of one: an exercise's own cell becomes a look, near misses, and the solution."""
    name = cell["id"].removeprefix("try-")
    if not cell["id"].startswith("try-") or cell["cell_type"] != "code":
        return [cell]
    [exercise] = re.findall(r'check\("[^".]+\.([^"]+)"\)', _source_of(lesson, f"check-{name}"))
    cells = [_state(exercise, "before", expected=False)]
    for number, (commands, undo) in enumerate(near_misses(str(lesson))[exercise] if tries_misses else ()):
        cells += [_shell(commands), _state(exercise, f"near miss {number}", expected=False), _shell(undo)]
    for commands, undo in other_solutions(str(lesson))[exercise]:
        cells += [_shell(commands), _state(exercise, "another solution", expected=True), _shell(undo)]
    [(language, solution), *_] = _BLOCK.findall(_source_of(lesson, f"solution-{name}"))
    solved = nbformat.v4.new_code_cell(solution) if language == "python" else _shell(solution)
    return [*cells, solved, _state(exercise, "solution", expected=True)]


def _source_of(lesson: Lesson, name: str) -> str:
    return next(cell.source for cell in lesson.cells if cell.name == name)


def _shell(commands: str) -> Any:
    """A cell with commands of the shell, or one whose magic says what it is."""
    commands = commands.lstrip("\n")
    return nbformat.v4.new_code_cell(commands if commands.startswith("%%") else f"%%bash -e\n{commands}")


def _state(exercise: str, when: str, *, expected: bool) -> Any:
    """A cell that prints what the exercise's check says now."""
    code = (
        "import json\n"
        f"result = lesson.result_of(lesson.exercises.find({exercise!r}))\n"
        f'print(json.dumps(["state", {exercise!r}, {when!r}, result.state, {expected}, result.reason]))'
    )
    return nbformat.v4.new_code_cell(code)


def _printed(cell: Any) -> list[str]:
    outputs = cell.get("outputs", [])
    return [line for output in outputs if output.output_type == "stream" for line in output.text.splitlines()]
