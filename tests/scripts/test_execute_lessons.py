"""Lessons are executed when a file that they depend on has changed, and read from the cache otherwise."""

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
    """Write a small lesson."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    file.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), file)
    return file


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test's own, with links to the artifacts of the real one."""
    real_cache = cache_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for artifact in [*real_cache.glob("base-*"), *real_cache.glob("kernel-*")]:
        (cache_folder() / artifact.name).symlink_to(artifact)


@pytest.mark.live
@pytest.mark.timeout(300)
def test_lesson_is_executed_once(tmp_path: Path) -> None:
    """A lesson runs on a machine; a second call returns the same outputs, and a changed lesson runs again."""
    source = "import drydock, time\nprint(drydock.start().location, time.time())"
    file = lesson(tmp_path / "course" / "one.ipynb", source)
    [first] = execute_lessons.executed([file]).values()
    assert "in the Drydock machine" in first.cells[0].outputs[0].text
    assert execute_lessons.executed([file])[file] == first
    lesson(file, source, "1")
    assert execute_lessons.executed([file])[file].cells[0].outputs != first.cells[0].outputs
    assert len(list((cache_folder() / "lessons").iterdir())) == 1


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.timeout(300)
def test_other_machines_are_not_touched(tmp_path: Path) -> None:
    """A lesson does not see a person's machine of the same name, and a failed lesson leaves no machine running."""
    machine = Machine("lesson-machine")
    machine.folder.mkdir()
    Settings(machine.name).write(machine.folder)
    check = "import drydock.machine\nname = 'lesson-machine'\nassert not drydock.machine.Machine(name).exists()"
    boot = "!drydock machine start {name}\nassert drydock.machine.Machine(name).is_running()\nraise RuntimeError('off')"
    with pytest.raises(CellExecutionError, match="off"):
        execute_lessons.executed([lesson(tmp_path / "course" / "three.ipynb", check, boot)])
    assert machine.exists()
    assert not machine.is_running()
    machine.remove()


def test_failed_cell_is_an_error(tmp_path: Path) -> None:
    """A lesson with a cell that fails has no outputs, and so no page in the book."""
    with pytest.raises(CellExecutionError, match="never"):
        execute_lessons.execute(lesson(tmp_path / "course" / "two.ipynb", "raise RuntimeError('never')"), {})


def test_what_a_person_made_in_the_course_stays(tmp_path: Path) -> None:
    """A lesson removes what it made, by a name that a person who works on the same lesson has in the checkout, too."""
    file = lesson(tmp_path / "course" / "four.ipynb", "!rm -rf my-site\nimport pathlib\npathlib.Path('page').touch()")
    own = file.parent / "my-site" / "index.html"
    own.parent.mkdir()
    own.write_text("mine")
    execute_lessons.execute(file, {})
    assert own.read_text() == "mine"
    assert not (file.parent / "page").exists()
