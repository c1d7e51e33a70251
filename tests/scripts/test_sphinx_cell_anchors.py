"""Each code cell of a page has an anchor with its id in the notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat

from scripts.book import sphinx

LANGUAGE = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}


def test_cell_has_its_id(tmp_path: Path) -> None:
    """Code cells have their own ids, although a Markdown cell comes before them."""
    source = tmp_path / "source"
    source.mkdir()
    title = nbformat.v4.new_markdown_cell("# A lesson", id="title")
    code = [nbformat.v4.new_code_cell("1", id=name) for name in ("one", "two-2")]
    nbformat.write(nbformat.v4.new_notebook(cells=[title, *code], metadata=LANGUAGE), source / "lesson.ipynb")
    (source / "index.md").write_text("# A book\n\n```{toctree}\nlesson\n```\n")
    sphinx(source, tmp_path / "out", None)
    page = (tmp_path / "out" / "lesson.html").read_text()
    assert all(f'id="{name}"' in page for name in ("one", "two-2"))
