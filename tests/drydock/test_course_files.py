"""The course's files in a folder of a person's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from drydock import course_files
from drydock.course_files import MANIFEST, Placed, place
from drydock.errors import CourseNotPlaced
from tests.architecture.tree import ROOT

#: Writes a file of the course's next version.
Publish = Callable[[str, str], Path]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """A course of two files in ``source``; calling it writes a newer version of a file."""

    def write(path: str, content: str) -> Path:
        file = tmp_path / "source" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    write("05_ports.ipynb", "lesson")
    write("files/05/install.sh", "#!/bin/sh\n").chmod(0o755)
    return write


@pytest.fixture
def placed_once(tmp_path: Path, publish: Publish) -> Path:
    """A folder with the course in it."""
    place(tmp_path / "source", tmp_path / "mine")
    return tmp_path / "mine"


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder, without the manifest."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_an_empty_folder_gets_every_file(tmp_path: Path, publish: Publish) -> None:
    """All files are added, programs can be run, and the owner can write what was read-only in the package."""
    publish("05_ports.ipynb", "lesson").chmod(0o444)
    placed = place(tmp_path / "source", tmp_path / "new" / "mine")
    assert placed == Placed(added=["05_ports.ipynb", "files/05/install.sh"])
    assert contents(tmp_path / "new" / "mine") == contents(tmp_path / "source")
    assert os.access(tmp_path / "new" / "mine" / "files/05/install.sh", os.X_OK)
    assert (tmp_path / "new" / "mine" / "05_ports.ipynb").stat().st_mode & 0o200


def test_the_second_time_nothing_is_written(tmp_path: Path, placed_once: Path) -> None:
    """While nothing is new, no file is touched."""
    before = {path: path.stat().st_ino for path in placed_once.rglob("*") if path.name != MANIFEST}
    assert place(tmp_path / "source", placed_once) == Placed()
    assert {path: path.stat().st_ino for path in placed_once.rglob("*") if path.name != MANIFEST} == before


def test_a_file_that_nobody_changed_is_updated(tmp_path: Path, publish: Publish, placed_once: Path) -> None:
    """A newer version replaces the file that was placed."""
    publish("05_ports.ipynb", "newer lesson")
    publish("06_networks.ipynb", "another lesson")
    assert place(tmp_path / "source", placed_once) == Placed(["06_networks.ipynb"], ["05_ports.ipynb"])
    assert contents(placed_once)["05_ports.ipynb"] == "newer lesson"


def test_a_changed_file_stays(tmp_path: Path, placed_once: Path) -> None:
    """A person's work stays, without a word as long as there is nothing newer."""
    (placed_once / "05_ports.ipynb").write_text("my work")
    assert place(tmp_path / "source", placed_once) == Placed()
    assert contents(placed_once)["05_ports.ipynb"] == "my work"


def test_a_newer_version_is_placed_beside_work(tmp_path: Path, publish: Publish, placed_once: Path) -> None:
    """A file that both have changed stays; the newer version has a name beside it, and is reported once."""
    (placed_once / "05_ports.ipynb").write_text("my work")
    publish("05_ports.ipynb", "newer lesson")
    assert place(tmp_path / "source", placed_once).beside == {"05_ports.ipynb": "05_ports.new.ipynb"}
    assert contents(placed_once)["05_ports.ipynb"] == "my work"
    assert contents(placed_once)["05_ports.new.ipynb"] == "newer lesson"
    assert place(tmp_path / "source", placed_once) == Placed()


def test_the_newest_version_takes_the_place_of_the_newer(tmp_path: Path, publish: Publish, placed_once: Path) -> None:
    """A version beside that nobody changed is replaced; one with somebody's work in it stays as well."""
    (placed_once / "05_ports.ipynb").write_text("my work")
    for content, beside in {"2": "05_ports.new.ipynb", "3": "05_ports.new.ipynb", "4": "05_ports.new2.ipynb"}.items():
        if content == "4":
            (placed_once / "05_ports.new.ipynb").write_text("more of my work")
        publish("05_ports.ipynb", content)
        assert place(tmp_path / "source", placed_once).beside == {"05_ports.ipynb": beside}
    assert contents(placed_once)["05_ports.new.ipynb"] == "more of my work"
    assert contents(placed_once)["05_ports.new2.ipynb"] == "4"


def test_a_file_that_was_there_before_stays(tmp_path: Path, publish: Publish) -> None:
    """What the folder held under a name of the course's is somebody's work, in an unknown folder as well."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "05_ports.ipynb").write_text("not the course's")
    (mine / "notes.txt").write_text("mine")
    placed = place(tmp_path / "source", mine)
    assert placed.beside == {"05_ports.ipynb": "05_ports.new.ipynb"}
    assert contents(mine)["05_ports.ipynb"] == "not the course's"
    assert contents(mine)["notes.txt"] == "mine"


def test_a_link_is_not_followed(tmp_path: Path, placed_once: Path, publish: Publish) -> None:
    """A link in the place of a file counts as a person's work: what it leads to is not written to."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("lesson")
    (placed_once / "05_ports.ipynb").unlink()
    (placed_once / "05_ports.ipynb").symlink_to(elsewhere)
    publish("05_ports.ipynb", "newer lesson")
    assert place(tmp_path / "source", placed_once).beside == {"05_ports.ipynb": "05_ports.new.ipynb"}
    assert elsewhere.read_text() == "lesson"
    assert (placed_once / "05_ports.ipynb").is_symlink()


def test_deleted_file_is_added_again(tmp_path: Path, placed_once: Path) -> None:
    """A file that a person deleted is added again."""
    (placed_once / "05_ports.ipynb").unlink()
    assert place(tmp_path / "source", placed_once) == Placed(["05_ports.ipynb"])


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_without_its_manifest_every_difference_is_work(
    tmp_path: Path, publish: Publish, placed_once: Path, text: str
) -> None:
    """A damaged manifest costs nobody's work: equal files are taken as placed, others are kept."""
    (placed_once / MANIFEST).write_text(text)
    publish("05_ports.ipynb", "newer lesson")
    assert place(tmp_path / "source", placed_once) == Placed(beside={"05_ports.ipynb": "05_ports.new.ipynb"})


def test_a_folder_that_cannot_be_written(tmp_path: Path, publish: Publish) -> None:
    """A file where a folder should be is reported, with a way out; it stays."""
    (tmp_path / "mine").write_text("a file")
    with pytest.raises(CourseNotPlaced, match="drydock lab --course"):
        place(tmp_path / "source", tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "a file"


def test_what_programs_leave_is_no_part_of_the_course(tmp_path: Path, publish: Publish) -> None:
    """Checkpoints, compiled files and a student's progress in the source are left out."""
    for path in (".ipynb_checkpoints/05.ipynb", "tasks/__pycache__/a.pyc", ".drydock-progress.json", MANIFEST):
        publish(path, "{}")
    assert list(course_files.files_of(tmp_path / "source")) == ["05_ports.ipynb", "files/05/install.sh"]


def test_what_lessons_made_is_no_part_of_the_course(tmp_path: Path, publish: Publish) -> None:
    """A lesson's folder, archive and pages are left out of the lessons; an assignment's files may have such names."""
    for path in ("my-stack/compose.yaml", "my-page/site/index.html", "ship.tar", "notes.md"):
        publish(path, "{}")
    assert "my-stack/compose.yaml" in course_files.files_of(tmp_path / "source")
    for path in ("README.md", "tasks/05_ports.py", "files/my-page.html"):
        publish(path, "{}")
    names = ["05_ports.ipynb", "README.md", "files/05/install.sh", "files/my-page.html", "tasks/05_ports.py"]
    assert list(course_files.files_of(tmp_path / "source")) == names


def test_folder_with_the_course_is_recognized(tmp_path: Path, placed_once: Path) -> None:
    """A folder in which the course was placed differs from any other."""
    assert course_files.is_placed(placed_once)
    assert not course_files.is_placed(ROOT / "course")
