"""Reading order is import order, as docs/design.md gives it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.habits.tree import ROOT, below, name


def order() -> dict[str, int]:
    """The place of each part of ``drydock`` in the reading order, from the design page."""
    page = (ROOT / "docs" / "design.md").read_text()
    chapter = page.split("## Reading order is import order", 1)[1].split("\n\n")[1]
    layers = chapter.split(" then `autograder`")[0].split("←")
    return {part: place for place, layer in enumerate(layers) for part in re.findall(r"`(\w+)`", layer)}


def imports(path: Path) -> set[str]:
    """The modules a file imports, wherever in it, by their full names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: say the full name instead of a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "drydock" else set()
            found.add(node.module or "")
    return found


def part_of(path: Path) -> str:
    """The part of ``drydock`` that a file belongs to."""
    return path.relative_to(ROOT / "drydock").parts[0].removesuffix(".py")


def test_each_part_has_a_place() -> None:
    """Each part of ``drydock`` stands in the design page's reading order, so that a reader can find it."""
    parts = {part_of(path) for path in below("drydock", "*.py")} - {"__init__", "__main__"}
    assert parts - set(order()) == set(), "give them a place in docs/design.md, 'Reading order is import order'"


def test_a_part_imports_only_what_comes_before() -> None:
    """No part of ``drydock`` imports one that the reading order puts after it."""
    places = order()
    wrong = []
    for path in below("drydock", "*.py"):
        part = part_of(path)
        for module in imports(path):
            words = module.split(".")
            if words[0] == "drydock" and len(words) > 1 and places.get(words[1], -1) > places.get(part, 99):
                wrong.append(f"{name(path)} imports {module}")
    assert wrong == []


def test_drydock_does_not_know_the_autograder() -> None:
    """``autograder`` may import ``drydock``, never the reverse: students have one without the other."""
    files = below("drydock", "*.py")
    assert [name(path) for path in files if any(one.split(".")[0] == "autograder" for one in imports(path))] == []
