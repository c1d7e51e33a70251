"""Each lesson on a computer without any Docker: its cells end, and say what is missing and where to begin."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from drydock import lab
from drydock.learn.kernel_start import KNOWN
from scripts.lesson_reader import COURSE, LESSONS, Lesson
from tests.course.test_lessons import docker_config
from tests.drydock.learn.test_errors_in_each_place import ROWS, rows, unfolded

#: A program that a machine needs, and that this computer seems not to have.
MISSING = "slirp4netns"
#: Seconds. The longest cell takes two, so a cell that takes as long as this one waits for ever.
LONGEST = 60


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the course where no daemon answers and no machine can be started; kernels begin as in JupyterLab."""
    for name in [name for name in os.environ if name.startswith("DOCKER_")]:
        monkeypatch.delenv(name)
    for name, value in lab.jupyter_environment({"DRYDOCK_ENGINE": "machine", "DRYDOCK_PANEL": "off"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", os.pathsep.join(programs(tmp_path / "programs")))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # another test's machine may run
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("tasks", "quizzes", "files"):
        (folder / name).symlink_to(COURSE / name)
    with docker_config() as config:
        for name in ("DOCKER_CONFIG", "TMPDIR"):  # cells that fail remove no temporary folder
            monkeypatch.setenv(name, str(config))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{config}/docker.sock")  # nothing listens there
        yield folder


def programs(folder: Path) -> list[str]:
    """Return the folders of PATH; the one that has the missing program is replaced by links to its other programs."""
    folder.mkdir()
    places = [Path(place) for place in os.environ["PATH"].split(os.pathsep)]
    for place in places:
        if (place / MISSING).exists():
            for program in place.iterdir():
                if program.name != MISSING and not (folder / program.name).exists():
                    (folder / program.name).symlink_to(program)
    return [str(folder if (place / MISSING).exists() else place) for place in places]


@pytest.mark.nightly
@pytest.mark.timeout(300)
@pytest.mark.parametrize("lesson", LESSONS, ids=str)
def test_it_says_what_is_missing(lesson: Lesson, course: Path) -> None:
    """The first cell names the missing program; other cells lead to it, or to a daemon; none waits for ever."""
    assert shutil.which("docker")
    assert not shutil.which(MISSING)
    notebook = nbformat.read(lesson.path, 4)
    NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=True,
        timeout=LONGEST,
        resources={"metadata": {"path": str(course)}},
    ).execute()
    first, *others = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = "\n".join(map(unfolded, first.outputs))
    assert "There is no Docker here that Drydock could use." in shown
    assert f"apt-get install -y {MISSING}" in shown
    assert "Traceback" not in shown
    assert rows(shown) <= ROWS
    outputs = [output for cell in others for output in cell.outputs]
    errors = [output.evalue for output in outputs if output.output_type == "error" and output.ename == "NameError"]
    assert [error for error in errors if any(f"'{name}'" in error for name in KNOWN)] == []
    text = " ".join("\n".join(map(unfolded, outputs)).split())
    if "Cannot connect to the Docker daemon" in text:
        assert "Run the first cell of the lesson again: it finds the daemon, or starts it." in text
    assert "If one of them fails, do first what its message says." in text
