"""Lessons are played when something changed that they stand on, and read from the cache otherwise."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from drydock.core.paths import cache_folder
from drydock.machine import Machine
from drydock.machine.store.settings import Settings
from scripts import execute_lessons

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}


def lesson(file: Path, *sources: str) -> Path:
    """A small lesson."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), file)
    return file


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is played here is kept in a folder of its own, and what machines are made of stays where it is."""
    there = cache_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for part in [*there.glob("base-*"), *there.glob("kernel-*")]:
        (cache_folder() / part.name).symlink_to(part)


@pytest.mark.live
@pytest.mark.timeout(300)
def test_it_is_played_once(tmp_path: Path) -> None:
    """On a machine, where a cell finds a Docker; the second time nothing is run, and a changed lesson is."""
    look = "import drydock, time\nprint(drydock.start().where, time.time())"
    file = lesson(tmp_path / "one.ipynb", look)
    [first] = execute_lessons.played([file]).values()
    assert "in the machine" in first.cells[0].outputs[0].text
    assert execute_lessons.played([file])[file] == first
    lesson(file, look, "1")
    assert execute_lessons.played([file])[file].cells[0].outputs != first.cells[0].outputs
    assert len(list((cache_folder() / "played").iterdir())) == 1


@pytest.mark.live
@pytest.mark.timeout(300)
def test_it_keeps_off_the_machines_of_others(tmp_path: Path) -> None:
    """A lesson throws away a machine of its own name, not a person's; one that breaks off leaves none running."""
    ours = Machine("lesson-played")
    ours.folder.mkdir()
    Settings(ours.name).write(ours.folder)
    look = "import drydock.machine\nname = 'lesson-played'\nassert not drydock.machine.Machine(name).exists()"
    boot = "!drydock machine start {name}\nassert drydock.machine.Machine(name).is_running()\nraise RuntimeError('off')"
    with pytest.raises(CellExecutionError, match="off"):
        execute_lessons.played([lesson(tmp_path / "three.ipynb", look, boot)])
    assert ours.exists()
    assert not ours.is_running()
    ours.remove()


def test_a_cell_that_fails_ends_it(tmp_path: Path) -> None:
    """A book of lessons that don't run is no book."""
    with pytest.raises(CellExecutionError, match="never"):
        execute_lessons.play(lesson(tmp_path / "two.ipynb", "raise RuntimeError('never')"), {})
