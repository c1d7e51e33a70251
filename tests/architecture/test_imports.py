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
#: Packages whose modules and sub-packages are parts of their own; all other sub-packages are one part each.
OPEN = ("drydock", "autograder", "drydock.machine")


def module_of(path: Path) -> str:
    """A file's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Every module of both packages, but for programs that run inside images."""
    files = (path for package in PACKAGES for path in below(package, "*.py") if "recipes" not in path.parts)
    return {module_of(path): path for path in files}


def part_of(module: str) -> str:
    """The part that a module belongs to: itself in an open package, else its sub-package."""
    parent = module.rpartition(".")[0]
    return module if parent in (*OPEN, "") else part_of(parent)


@cache
def imports(path: Path) -> frozenset[str]:
    """The full names that a file imports, wherever in it: at the top, in functions, for type checkers."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: write the full name instead of a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {full if full in modules() else str(node.module) for full in names}
    return frozenset(found)


def arrows() -> Iterator[tuple[str, str, str]]:
    """Each import of a part by another: both parts, and the line that a person looks for."""
    for module, path in modules().items():
        for target in imports(path):
            if target.split(".")[0] in PACKAGES and part_of(target) != part_of(module):
                yield part_of(module), part_of(target), f"{module} imports {target}"


def test_the_parts_have_no_circle() -> None:
    """The graph of parts can be put in an order in which each imports only what comes before it."""
    graph: dict[str, set[str]] = {}
    for importer, imported, _ in arrows():
        graph.setdefault(importer, set()).add(imported)
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle: list[str] = error.args[1]
        pairs = set(zip(circle[1:], circle, strict=False))
        pytest.fail("\n".join(sorted(line for one, other, line in arrows() if (one, other) in pairs)))


def test_drydock_does_not_know_the_autograder() -> None:
    """``autograder`` may import ``drydock``, never the reverse: students have one without the other."""
    wrong = [line for importer, imported, line in arrows() if not importer.startswith("auto") and "autog" in imported]
    assert wrong == []


def test_nothing_imports_from_tests() -> None:
    """Packages, scripts and assignments stand without the tests."""
    files = [path for folder in (*PACKAGES, "scripts", "assignments", "course") for path in below(folder, "*.py")]
    wrong = [name(path) for path in files if any(one.split(".")[0] == "tests" for one in imports(path))]
    assert wrong == []
