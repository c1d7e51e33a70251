"""nbgrader's own command takes what each folder holds, by the rules of `autograder grade`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.gradebook.course import Course
from autograder.gradebook.grades import grades_of
from autograder.gradebook.nbgrader_autograde import AutogradeEachFolder
from autograder.gradebook.recorder import Recorder
from tests.autograder.gradebook.test_plugins import TOO_LONG, nbgrader

#: What an odd folder holds; none of it can be run, so both ways end without a machine.
ODD: dict[str, Callable[[Path], object]] = {
    "no-json": lambda folder: (folder / "service.ipynb").write_text("{'cells': []}"),
    "folder": lambda folder: (folder / "service.ipynb").mkdir(),
    "pipe": lambda folder: os.mkfifo(folder / "service.ipynb"),
    "link": lambda folder: (folder / "service.ipynb").symlink_to("/etc/hostname"),
    "renamed": lambda folder: (folder / "service (1).ipynb").write_bytes(TOO_LONG),
    "two": lambda folder: [(folder / name).write_text("{}") for name in ("a.ipynb", "b.ipynb")],
    "one level too deep": lambda folder: written(folder / "my work" / "service.ipynb"),
    "renamed and too deep": lambda folder: written(folder / "service" / "service (1).ipynb"),
    "two levels too deep": lambda folder: written(folder / "a" / "b" / "service.ipynb"),
    "empty": lambda folder: None,
    "pipe beside": lambda folder: os.mkfifo(written(folder / "service.ipynb").parent / "pipe"),
    "link beside": lambda folder: (written(folder / "service.ipynb").parent / "link").symlink_to("nowhere"),
    "files in each other's place": lambda folder: in_the_place_of_others(written(folder / "service.ipynb").parent),
    "time": lambda folder: [(folder / name).write_text("spring") for name in ("service.ipynb", "timestamp.txt")],
}


def written(file: Path) -> Path:
    """Write a notebook that has more text than grading takes, in a folder that need not be there; return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(TOO_LONG)
    return file


def in_the_place_of_others(folder: Path) -> None:
    """Make folders where a released file and the time of submission go."""
    for name in ("checks.py", "submission_secret.txt"):
        (folder / name).mkdir()
        (folder / name / "x").touch()


@pytest.mark.slow
def test_odd_folders_stop_nobody(released: Course) -> None:
    """Each gets its score and its reason by `nbgrader autograde`, which ends with 0, the same as by `autograder`."""
    for student, make in ODD.items():
        folder = released.folder("submitted", student, "service")
        folder.mkdir(parents=True)
        make(folder)
    written(released.folder("submitted", os.fsdecode(b"m\xfcller"), "service") / "service.ipynb")
    log = nbgrader(released, "autograde", "service")
    assert "can't be written as UTF-8" in log
    assert log.count("its timestamp.txt has no time") == 1
    by_nbgrader = {student: in_words(released, student) for student in ODD}
    with released.gradebook() as book:
        assert {grade.student: grade.score for grade in grades_of(book, "service")} == dict.fromkeys(ODD, 0)
    nbgrader(released, "autograde", "service")
    list(Recorder(Course(released.root)).grade(released.submissions("service"), regrade=True))
    assert {student: in_words(released, student) for student in ODD} == by_nbgrader
    assert "is a folder" in by_nbgrader["folder"]
    assert "is a link" in by_nbgrader["link"]
    assert "a.ipynb, b.ipynb" in by_nbgrader["two"]
    for student in ("one level too deep", "two levels too deep", "renamed and too deep", "pipe beside", "link beside"):
        assert "more than 4 MB of text" in by_nbgrader[student]
    assert "there is no notebook in the folder" in by_nbgrader["empty"]


def in_words(course: Course, student: str) -> str:
    """What a person reads first in formgrader."""
    file = course.folder("autograded", student, "service") / "service.ipynb"
    content = json.loads(file.read_text())
    assert content["metadata"]["kernelspec"]["name"] == "drydock-graded"
    return "".join(content["cells"][0]["source"])


def test_a_script_keeps_its_execute_bit(released: Course) -> None:
    """nbgrader makes every graded file read-only, and ours leave a script executable, as `autograder grade` does."""
    folder = released.folder("autograded", "ada", "service")
    folder.mkdir(parents=True)
    for name, mode in (("run.sh", 0o755), ("page.html", 0o644)):
        (folder / name).touch()
        (folder / name).chmod(mode)
    AutogradeEachFolder(coursedir=released.places, config=released.config).set_permissions("service", "ada")
    assert [(folder / name).stat().st_mode & 0o777 for name in ("run.sh", "page.html")] == [0o555, 0o444]


@pytest.mark.parametrize("notebook", ["*", "other"])
def test_nbgraders_own_rules_stay_where_ours_are_not_asked_for(tmp_path: Path, notebook: str) -> None:
    """A course without our settings, and a choice of another notebook: nbgrader finds none in a folder too deep."""
    written(tmp_path / "submitted" / "ada" / "service" / "my work" / "service.ipynb")
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.assignment_id = str(tmp_path), "service"
    config.CourseDirectory.notebook_id = notebook
    if notebook == "other":
        config.Autograde.exporter_class = "autograder.gradebook.nbgrader_autograde.UnreadNotebook"
    converter = AutogradeEachFolder(coursedir=CourseDirectory(config=config), config=config)
    with pytest.raises(NbGraderException):
        converter.init_notebooks()
