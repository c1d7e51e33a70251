"""A Sphinx extension: each cell of a lesson's page gets its own id as the anchor, so that the ledger can lead to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("doctree-read", add)
    return {"parallel_read_safe": True}


def add(app: Sphinx, page: nodes.document) -> None:
    """Give the page's cells of code the ids they have in the notebook."""
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix != ".ipynb":
        return
    cells = json.loads(source.read_text())["cells"]
    for node in page.findall(nodes.container):
        if "cell_index" in node:
            node["ids"].append(cells[node["cell_index"]]["id"])
