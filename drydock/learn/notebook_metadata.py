"""The metadata that JupyterLab adds to a notebook when its kernel starts; with it, opening one changes nothing.

Without it, each lesson is shown as unsaved as soon as it is open. It has the version of Python, so it is added where
the notebooks are placed: ``python -m drydock.learn.notebook_metadata FOLDER`` does so for the notebooks of a folder.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def language_info() -> dict[str, Any]:
    """Return what a Python kernel reports about its language."""
    return {
        "name": "python",
        "version": platform.python_version(),
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "file_extension": ".py",
    }


def complete(folder: Path) -> None:
    """Add the metadata to each notebook in a folder that lacks it."""
    for file in folder.rglob("*.ipynb"):
        notebook = json.loads(file.read_text())
        if "language_info" not in notebook.get("metadata", {"language_info": None}):
            notebook["metadata"]["language_info"] = language_info()
            file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def completed_copy(folder: Path) -> Iterator[Path]:
    """Yield a temporary copy of a folder in which each notebook has the metadata."""
    with tempfile.TemporaryDirectory(prefix="drydock-notebooks-") as temporary:
        copy = Path(temporary, folder.name)
        shutil.copytree(folder, copy)
        complete(copy)
        yield copy


if __name__ == "__main__":
    complete(Path(sys.argv[1]))
