"""A Sphinx extension that gives each code cell and each section of a lesson's page an anchor with the cell's id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension; Sphinx calls this."""
    app.connect("doctree-read", add_anchors)
    return {"parallel_read_safe": True}


def add_anchors(app: Sphinx, page: nodes.document) -> None:
    """Add the notebook's cell ids to the page's code cells, and those of cells with a heading to its sections."""
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix != ".ipynb":
        return
    cells = json.loads(source.read_text())["cells"]
    for node in page.findall(nodes.container):
        if "cell_index" in node:
            node["ids"].append(cells[node["cell_index"]]["id"])
    headings = [cell for cell in cells if cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("#")]
    sections = list(page.findall(nodes.section))
    if len(headings) == len(sections):  # an assignment may have several headings in a cell
        for cell, section in zip(headings, sections, strict=True):
            section["ids"].append(cell["id"])
