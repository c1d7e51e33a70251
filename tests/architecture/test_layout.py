"""One thing has one name in each place that needs it: its folder, its module, its tests."""

from __future__ import annotations

import tomllib

import pytest

from drydock.images.recipe import RECIPES
from tests.architecture.tree import below, files, folders, name

#: Modules without a test file of the same name, each with the reason.
TESTED_ELSEWHERE = {
    "autograder/errors.py": "tests/drydock/errors/test_base.py has the errors of both packages",
    "drydock/learn/start.py": "tests/drydock/learn/test_lesson.py opens lessons with it",
    "scripts/lesson_measures.py": "tests/course/test_measures.py measures every lesson with it",
    "scripts/lesson_reader.py": "tests/course/test_style.py reads every lesson with it",
    "scripts/notes_ledger.py": "tests/course/test_ledger.py reads the whole ledger with it",
    "drydock/machine/supervisor/scratch.py": "tests/drydock/machine/artifacts/test_machine_build.py",
}


def names(pattern: str) -> set[str]:
    """Return the names of the modules in a folder, without the prefix of a test file."""
    folder = pattern.rpartition("/")[0]
    return {path.stem.removeprefix("test_") for path in below(folder, pattern)}


def test_an_assignment_has_one_name_in_each_place() -> None:
    """Each assignment has checks, tests of its checks, and test submissions."""
    assignments = folders("assignments")
    assert {path.parent.name for path in below("assignments", "assignments/*/checks.py")} == assignments
    assert {
        path.parent.name for path in below("tests/assignments", "tests/assignments/*/test_checks.py")
    } == assignments
    assert names("tests/fixtures/*.py") - {"case", "notebooks", "table"} == assignments


def test_an_image_is_a_folder_and_an_entry() -> None:
    """Each folder of the recipes is listed in ``images.toml``."""
    listed = tomllib.loads((RECIPES / "images.toml").read_text())["image"]
    assert {image["name"] for image in listed} == folders("drydock/images/recipes")


def test_test_submissions_are_not_stored() -> None:
    """The only notebooks below tests/ are the frozen submissions, and no file of the repository is binary."""
    assert {path.parent.name for path in below("tests", "*.ipynb")} == {"frozen"}
    assert len(below("tests", "*.ipynb")) <= 4
    assert [name(path) for path in files() if b"\0" in path.read_bytes()] == []


@pytest.mark.parametrize("package", ["drydock", "autograder", "scripts"])
def test_a_module_has_a_test_of_its_name(package: str) -> None:
    """Each module has a test file at the mirrored path, or a listed reason for having none."""
    sources = (path for path in below(package, "*.py") if "recipes" not in path.parts)
    modules = {name(path) for path in sources if not path.stem.startswith("__")}
    tests = {name(path) for path in below(f"tests/{package}", "test_*.py")}
    untested = {module for module in modules if mirrored(module) not in tests}
    assert untested == {module for module in TESTED_ELSEWHERE if module.startswith(f"{package}/")}


def mirrored(module: str) -> str:
    """Return the path of the test file that belongs to a module."""
    folder, _, file = f"tests/{module}".rpartition("/")
    return f"{folder}/test_{file}"
