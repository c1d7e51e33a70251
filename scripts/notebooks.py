"""Keeps notebooks readable as text: ``python -m scripts.notebooks [--check] [FILE ...]``.

Formatting removes what a run leaves in a file: outputs, execution counts, widget state, the kernel's version. Problems
that only a person can fix are reported: cell ids that are not words, and unknown tags.
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

#: All tags that a cell may have; a mistyped tag would have no effect and go unnoticed.
TAGS = frozenset({"exercise", "solution"})

#: The keys of a cell's metadata that are kept. `notes` has the entries of course/notes.toml that the cell proves.
_CELL_KEYS = frozenset({"nbgrader", "notes", "tags"})

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

_WORDS = re.compile(r"[a-z]+(-([a-z]+|[0-9]+))*")


def sources() -> list[Path]:
    """Return all notebooks of the repository but test submissions, which stay as they were submitted."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.ipynb"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return sorted(path for path in paths if path.exists() and not is_submission(path))


def is_submission(path: Path) -> bool:
    """Return whether a notebook is a test submission, which may have odd ids and tags on purpose."""
    return path.relative_to(ROOT).parts[:2] in {("tests", "fixtures")}


def formatted(text: str) -> str:
    """Return a notebook's text as Jupyter writes it, without what a run leaves in it."""
    notebook = json.loads(text)
    cells = [_cell(cell) for cell in notebook["cells"]]
    content = {"cells": cells, "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in cell["metadata"].items() if key in _CELL_KEYS}
    source = "".join(cell["source"]).splitlines(keepends=True)
    results: dict[str, Any] = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return cell | {"metadata": metadata, "source": source} | results


def problems(text: str) -> list[str]:
    """Return the problems that only a person can fix, one line each."""
    cells = json.loads(text)["cells"]
    ids = [str(cell.get("id", "")) for cell in cells]
    lines = [f"cell id {id!r} is not words" for id in ids if not _WORDS.fullmatch(id)]
    lines += [f"cell id {id!r} is used {count} times" for id, count in Counter(ids).items() if count > 1]
    for cell in cells:
        unknown = set(cell["metadata"].get("tags", ())) - TAGS
        lines += [f"cell {cell.get('id')}: unknown tag: {tag}" for tag in sorted(unknown)]
    return lines


def main() -> int:
    """Format the named notebooks, or all; with ``--check`` only report what formatting would change."""
    parser = argparse.ArgumentParser(prog="python -m scripts.notebooks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if there is something to change")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    lines = []
    for file in options.files or sources():
        text = file.read_text()
        new_text = formatted(text)
        if new_text != text and options.check:
            lines.append(f"{file}: not formatted (make format does it)")
        elif new_text != text:
            file.write_text(new_text)
        lines += [f"{file}: {problem}" for problem in problems(text)]
    print("\n".join(lines), file=sys.stderr, end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
