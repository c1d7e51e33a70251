"""Runs in the pod: plays every lecture from top to bottom, one after the other, each in a kernel of its own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

#: A pod has one processor for all; seconds that a cell may take.
LONGEST = 300


def main() -> None:
    """Play them in the order they are read, and say how long each took."""
    for lecture in sorted(Path("course").glob("[0-9]*.ipynb")):
        began = time.monotonic()
        notebook: Any = nbformat.read(lecture, 4)
        NotebookClient(notebook, timeout=LONGEST, resources={"metadata": {"path": str(lecture.parent)}}).execute()
        print(f"{lecture.stem}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
