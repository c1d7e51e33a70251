"""Files as students upload them, written to disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path


def write_uploads(folder: Path, names: Iterable[str]) -> None:
    """Write files of these names below a folder, each with its name for content; a zip has a notebook like that."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".zip"):
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("service.ipynb", name)
        else:
            file.write_text(name)
