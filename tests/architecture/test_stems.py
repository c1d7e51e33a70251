"""The law of the stem: one thing has one name, in each place that knows it."""

from __future__ import annotations

import tomllib

import pytest

from drydock.images.recipe import RECIPES
from tests.architecture.tree import below, folders, name

#: Modules without a test file of their own name, each with the reason.
ELSEWHERE = {
    "scripts/lesson_reader.py": "tests/course/test_style.py reads every lesson with it",
    "scripts/notes_ledger.py": "tests/course/test_ledger.py reads the whole ledger with it",
    "drydock/machine/supervisor/scratch.py": "tests/drydock/machine/artifacts/test_machine_build.py",
}


def stems(folder: str, prefix: str = "") -> set[str]:
    """The names of a folder's modules, without a prefix that all have."""
    found = {path.stem for path in below(folder, f"{folder}/*.py")} - {"__init__", "conftest"}
    return {stem.removeprefix(prefix) for stem in found if stem.startswith(prefix)}


def test_an_assignment_is_one_word_in_four_places() -> None:
    """Each assignment has its checks, the tests of its checks, and submissions to try them on."""
    assignments = folders("assignments")
    assert stems("autograder/assignments") == assignments
    assert stems("tests/autograder/assignments", "test_") == assignments
    assert stems("tests/fixtures") - {"case", "notebooks", "table"} == assignments


def test_an_image_is_a_folder_and_a_line() -> None:
    """Each folder of the recipes is listed in ``images.toml``, in the order they are built."""
    listed = tomllib.loads((RECIPES / "images.toml").read_text())["image"]
    assert {image["name"] for image in listed} == folders("drydock/images/recipes")


@pytest.mark.parametrize("package", ["drydock", "autograder", "scripts"])
def test_a_module_has_a_test_of_its_name(package: str) -> None:
    """Each module has a test file of the mirrored name, or a reason for having none."""
    sources = (path for path in below(package, "*.py") if "recipes" not in path.parts)
    modules = {name(path) for path in sources if not path.stem.startswith("__")}
    tests = {name(path) for path in below(f"tests/{package}", "test_*.py")}
    without = {module for module in modules if mirrored(module) not in tests}
    assert without == {module for module in ELSEWHERE if module.startswith(f"{package}/")}


def mirrored(module: str) -> str:
    """The name of the test file that goes with a module."""
    folder, _, file = f"tests/{module}".rpartition("/")
    return f"{folder}/test_{file}"
