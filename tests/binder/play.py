"""A program for the pod: executes every lesson from top to bottom, one after the other, each in a new kernel."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

#: Seconds that a cell may take: everything in a pod shares one CPU.
TIMEOUT = 300


def main() -> None:
    """Execute the lessons in their order, and print how long each took."""
    for lesson in sorted(Path("course").glob("[0-9]*.ipynb")):
        started = time.monotonic()
        notebook: Any = nbformat.read(lesson, 4)
        NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(lesson.parent)}}).execute()
        print(f"{lesson.stem}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
