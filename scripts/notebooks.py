"""Keeps notebooks readable as text: ``python -m scripts.notebooks [--check] [FILE ...]``.

Formatting takes away what running leaves in a file: outputs, counts, widgets' state, the kernel's version. What it
can't put right it tells: a cell's id must be words, and its tags must be known ones.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

#: Every tag a cell may have. A tag nobody reads is a typing error that nobody notices.
TAGS = frozenset({"exercise", "solution"})

#: What a cell's metadata may say; the rest is what an editor or a run left there. `notes` names the entries of
#: course/notes.toml that the cell proves.
_CELL_KEYS = frozenset({"nbgrader", "notes", "tags"})

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

_WORDS = re.compile(r"[a-z]+(-([a-z]+|[0-9]+))*")


def sources() -> list[Path]:
    """Every notebook of the repository; what a student handed in stays as it came."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.ipynb"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return sorted(path for path in found if path.exists() and not is_submission(path))


def is_submission(path: Path) -> bool:
    """Does the notebook stand for a student's? Those may have odd ids and tags: that is what they test."""
    return path.relative_to(ROOT).parts[:2] in {("tests", "fixtures")}


def formatted(text: str) -> str:
    """The notebook's text, as Jupyter writes it, without what running it left there."""
    notebook = json.loads(text)
    cells = [_cell(cell) for cell in notebook["cells"]]
    whole = {"cells": cells, "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in cell["metadata"].items() if key in _CELL_KEYS}
    source = "".join(cell["source"]).splitlines(keepends=True)
    ran: dict[str, Any] = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return cell | {"metadata": kept, "source": source} | ran


def problems(text: str) -> list[str]:
    """What only a person can put right, one line each."""
    cells = json.loads(text)["cells"]
    ids = [str(cell.get("id", "")) for cell in cells]
    found = [f"cell id {one!r} is not words" for one in ids if not _WORDS.fullmatch(one)]
    found += [f"cell id {one!r} is there {count} times" for one, count in Counter(ids).items() if count > 1]
    for cell in cells:
        unknown = set(cell["metadata"].get("tags", ())) - TAGS
        found += [f"cell {cell.get('id')}: no such tag: {tag}" for tag in sorted(unknown)]
    return found


def main() -> int:
    """Format the notebooks named, or all; with ``--check`` only tell what formatting would change."""
    parser = argparse.ArgumentParser(prog="python -m scripts.notebooks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when there is something to change")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    found = []
    for file in arguments.files or sources():
        text = file.read_text()
        new = formatted(text)
        if new != text and arguments.check:
            found.append(f"{file}: not formatted (make format does it)")
        elif new != text:
            file.write_text(new)
        found += [f"{file}: {problem}" for problem in problems(text)]
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
