"""The reader of what lies around the code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core import resources
from drydock.errors import ResourceMissing
from tests.architecture.tree import ROOT, below, name


def test_a_checkout_is_read_in_place() -> None:
    """In a checkout the course is the repository's own, so that editing a lesson is enough to change it."""
    assert resources.folder("course") == ROOT / "course"
    assert resources.folder("assignments") == ROOT / "assignments"
    assert resources.file("nbgrader_config.py") == ROOT / "nbgrader_config.py"


def test_files_beside_modules_are_found() -> None:
    """A data file is looked up by the package whose modules it lies beside."""
    assert (resources.package_data("drydock.images", "recipes") / "images.toml").is_file()


def test_an_installed_package_reads_its_own_copy(tmp_path: Path) -> None:
    """In a wheel ``drydock/data/`` is read, and nothing beside the package; a part missing from it is an error."""
    package = tmp_path / "drydock"
    for part in ("core", "errors"):
        shutil.copytree(ROOT / "drydock" / part, package / part, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").touch()
    (package / "data" / "course").mkdir(parents=True)
    (tmp_path / "course").mkdir()
    code = "from drydock.core import resources; print(resources.folder('course')); resources.folder('assignments')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == str(package / "data" / "course")
    assert str(ResourceMissing("assignments", package / "data" / "assignments")) in done.stderr


@pytest.mark.parametrize("package", ["drydock", "autograder"])
def test_nothing_else_looks_for_data_around_the_code(package: str) -> None:
    """No module goes up or sideways from its own file to find data: a wheel has another layout than a checkout."""
    patterns = ("parents[", "Path(__file__).parent", "Path(__file__).with_name")
    modules = [path for path in below(package, "*.py") if "recipes" not in path.parts]
    wrong = [name(path) for path in modules if any(pattern in path.read_text() for pattern in patterns)]
    assert wrong == []
