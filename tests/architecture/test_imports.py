"""Imports run one way: between the parts of a package, between its sub-packages, and between the packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, below, name

PACKAGES = ("drydock", "autograder")
#: Packages whose modules and sub-packages are parts of the graph; each other sub-package is one part as a whole.
OPEN = ("drydock", "autograder", "drydock.machine")


def module_of(path: Path) -> str:
    """Return the dotted name of a file's module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Return every module of both packages, without programs that run inside images."""
    files = (path for package in PACKAGES for path in below(package, "*.py") if "recipes" not in path.parts)
    return {module_of(path): path for path in files}


def part_of(module: str) -> str:
    """Return the part that a module belongs to: itself in an open package, else its sub-package."""
    parent = module.rpartition(".")[0]
    return module if parent in (*OPEN, "") else part_of(parent)


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the full names of all imports of a file: at the top, in functions, and for type checkers."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level == 1 and (ROOT / "assignments") in path.parents:  # a module in the same assignment's folder
                continue
            assert node.level == 0, f"{name(path)}: write the full name instead of a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= {full if full in modules() else str(node.module) for full in names}
    return frozenset(imported)


def arrows() -> Iterator[tuple[str, str, str]]:
    """Yield each import of one part by another: the importer, the imported, and a line with both modules."""
    for module, path in modules().items():
        for target in imports(path):
            if target.split(".")[0] in PACKAGES and part_of(target) != part_of(module):
                yield part_of(module), part_of(target), f"{module} imports {target}"


def test_the_parts_have_no_cycle() -> None:
    """The graph of parts has an order in which each part imports only earlier ones."""
    graph: dict[str, set[str]] = {}
    for importer, imported, _ in arrows():
        graph.setdefault(importer, set()).add(imported)
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle: list[str] = error.args[1]
        pairs = set(zip(cycle[1:], cycle, strict=False))
        lines = {line for importer, imported, line in arrows() if (importer, imported) in pairs}
        pytest.fail("\n".join(sorted(lines)))


def test_of_drydock_only_lessons_import_checks() -> None:
    """``autograder`` imports ``drydock``; the reverse is allowed to lessons, whose exercises are checks."""
    reverse = {(importer, imported) for importer, imported, _ in arrows() if "autograder" in imported}
    wrong = [pair for pair in reverse if pair[0].startswith("drydock") and pair[0] != "drydock.learn"]
    assert wrong == []
    allowed = {"autograder.checks", "autograder.execution", "autograder.verdict"}
    assert {imported for importer, imported in reverse if importer == "drydock.learn"} <= allowed


def test_nothing_imports_from_tests() -> None:
    """Packages, scripts and assignments work without the tests."""
    files = [path for folder in (*PACKAGES, "scripts", "assignments", "course") for path in below(folder, "*.py")]
    wrong = [name(path) for path in files if any(module.split(".")[0] == "tests" for module in imports(path))]
    assert wrong == []
