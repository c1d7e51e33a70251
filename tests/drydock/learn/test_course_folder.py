"""Where a lesson's files are looked for."""

from __future__ import annotations

from pathlib import Path

from drydock.core import resources
from drydock.learn.course_folder import course_folder


def test_the_notebooks_own_folder_comes_first(tmp_path: Path) -> None:
    """A kernel runs in its notebook's folder, or beside the course."""
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "03_ports.ipynb").touch()
    assert course_folder("03_ports", tmp_path) == tmp_path / "course"
    (tmp_path / "03_ports.ipynb").touch()
    assert course_folder("03_ports", tmp_path) == tmp_path


def test_elsewhere_it_is_the_packages_own(tmp_path: Path) -> None:
    """A notebook somewhere else still finds the lesson's exercises."""
    assert course_folder("03_ports", tmp_path) == resources.folder("course")
