"""JupyterLab's layout at a student's first start: the course's page, and below it a terminal.

JupyterLab keeps a layout in a file, and writes it anew when somebody moves or closes something. A layout that exists
stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock.core.files import write_atomically

#: JupyterLab's own name for the file of the layout that it opens with.
NAME = "default-37a8.jupyterlab-workspace"
#: The parts of the height that the page and the terminal have.
_SIZES = (0.72, 0.28)
_TERMINAL = "terminal:1"


def workspace(page: str) -> dict[str, Any]:
    """Return the layout with ``page``, the path of a Markdown file below JupyterLab's folder."""
    viewer = f"markdownviewer-widget:{page}"
    areas = [{"type": "tab-area", "currentIndex": 0, "widgets": [name]} for name in (viewer, _TERMINAL)]
    dock = {"type": "split-area", "orientation": "vertical", "sizes": list(_SIZES), "children": areas}
    # The page is the current widget, so that JupyterLab opens notebooks beside it, and not over the terminal.
    data = {
        "layout-restorer:data": {"main": {"dock": dock, "current": viewer}},
        viewer: {"data": {"path": page, "factory": "Markdown Preview"}},
        _TERMINAL: {"data": {"name": "1"}},
    }
    return {"data": data, "metadata": {"id": "default"}}


def write(page: str, variables: Mapping[str, str]) -> bool:
    """Write the layout where a JupyterLab with these variables reads it; return False where one exists already."""
    folder = _folder(variables)
    if folder is None or (folder / NAME).exists():
        return False
    with suppress(OSError):  # JupyterLab then opens without a terminal
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(folder / NAME, json.dumps(workspace(page)))
        return True
    return False


def _folder(variables: Mapping[str, str]) -> Path | None:
    """Return JupyterLab's folder of layouts; None where it has another one that only Jupyter knows."""
    if own := variables.get("JUPYTERLAB_WORKSPACES_DIR"):
        return Path(own)
    if variables.get("JUPYTER_PLATFORM_DIRS"):
        return None
    config = variables.get("JUPYTER_CONFIG_DIR") or Path(variables.get("HOME") or Path.home(), ".jupyter")
    return Path(config, "lab", "workspaces")
