"""The metadata that JupyterLab adds to a notebook when its kernel starts; with it, opening one changes nothing.

Without it, each lesson is shown as unsaved as soon as it is open. It has the version of Python, so it is no part of the
course: JupyterLab's server adds it (:mod:`drydock.learn.lesson_contents`), and where another server is used, such as
on Binder, ``python -m drydock.learn.notebook_metadata FOLDER`` adds it to the notebooks of a folder.
"""

from __future__ import annotations

import json
import platform
import sys
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
        notebook = json.loads(file.read_text(encoding="utf-8"))
        if "language_info" not in notebook.get("metadata", {"language_info": None}):
            notebook["metadata"]["language_info"] = language_info()
            file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    complete(Path(sys.argv[1]))
