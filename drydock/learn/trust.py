"""Jupyter's trust in notebooks: a signature for each notebook that a student has not run yet."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any


def sign_without_outputs(notebooks: Iterable[Path], data_folder: Path | None = None) -> None:
    """Sign each notebook that has no outputs, which is all that trust is about; the others keep what they have.

    ``data_folder`` is Jupyter's, the user's own by default.
    """
    files = list(notebooks)
    if not files:
        return
    from nbformat.sign import NotebookNotary

    options: dict[str, Any] = {"data_dir": str(data_folder)} if data_folder else {}
    notary: Any = NotebookNotary(**options)
    with closing(notary.store):
        for file in files:
            notebook = _without_outputs(file)
            if notebook is not None:
                notary.sign(notebook)


def _without_outputs(file: Path) -> Any:
    """Return a notebook; None for one with outputs, and for a file that is no notebook."""
    import nbformat

    try:
        with warnings.catch_warnings(action="ignore"):  # about cells without ids, as older programs save them
            notebook: Any = nbformat.read(file, as_version=4)
        return None if any(cell.get("outputs") for cell in notebook.cells) else notebook
    except Exception:  # of many kinds; JupyterLab itself will show what is wrong with it
        return None
