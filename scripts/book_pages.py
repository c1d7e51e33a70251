"""The source pages of the book: lessons with their outputs, the table of the lecture notes, the documentation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from scripts.execute_lessons import executed
from scripts.notes_ledger import Entry, read

_WIDGET = "application/vnd.jupyter.widget-view+json"
#: Pages of the repository's top folder that belong to the documentation.
_TOP_PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
_INDEX = """\
# Drydock

{lessons}
{documentation}
"""
_LESSONS = """\
A Docker course of {count} lessons. Each one was run on a real Docker daemon before its page was made: the outputs below
the cells are what the daemon returned. To run a lesson yourself, {how}.

{toctree}

## What the lecture notes say, and what is true today

Each statement of the notes was tried on a live daemon. The last column leads to the cell that proves it.

{table}
"""
_TOCTREE = "```{{toctree}}\n:maxdepth: 1\n:caption: {caption}\n\n{pages}\n```\n"
#: Four columns on a wide screen; on a phone each row is a block.
_TABLE_STYLE = """\
<style>
.ledger table { table-layout: fixed; width: 100% }
.ledger th:nth-child(even) { width: 16% }
.ledger td { max-width: none; overflow-wrap: anywhere }
.ledger code { white-space: normal }
@media (max-width: 600px) {
  .ledger thead { display: none }
  .ledger tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--pst-color-border) }
  .ledger td { display: block; border: 0; padding: .1rem .5rem }
  .ledger td:nth-child(2) { font-weight: bold }
}
</style>
"""
# nbformat's functions carry no types.
_nbformat: Any = nbformat


def write_lessons(lessons: Sequence[Path], source: Path) -> None:
    """Write the lessons, executed, to the folder ``source``."""
    for lesson, notebook in (executed(lessons) if lessons else {}).items():
        _nbformat.write(without_widgets(notebook), source / lesson.name)


def write_documentation(root: Path, source: Path) -> list[str]:
    """Copy the documentation to the folder ``source``; return the names of its pages."""
    pages = [*sorted(path.relative_to(root) for path in (root / "docs").glob("*.md")), *map(Path, _TOP_PAGES)]
    (source / "docs").mkdir()
    for page in pages:
        shutil.copy(root / page, source / page)
    return [page.with_suffix("").as_posix() for page in pages]


def write_index(
    source: Path,
    lessons: Sequence[Path],
    documents: Sequence[str],
    reference: Sequence[str],
    *,
    launch_button: bool,
) -> None:
    """Write the first page, which leads to all others."""
    names = [lesson.stem for lesson in lessons]
    how = f"{'use the rocket at the top of its page, or ' if launch_button else ''}download its notebook"
    entries = [entry for entry in read().entries if entry.lesson in names]
    chapters = _LESSONS.format(count=len(names), how=how, toctree=toctree("Lessons", names), table=notes_table(entries))
    documentation = toctree("Documentation", documents) + "\n" + toctree("Python API", reference)
    (source / "index.md").write_text(_INDEX.format(lessons=chapters if names else "", documentation=documentation))


def toctree(caption: str, pages: Sequence[str]) -> str:
    """Return a table of contents in MyST's Markdown."""
    return _TOCTREE.format(caption=caption, pages="\n".join(pages))


def without_widgets(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with pictures in place of widgets, which need a kernel."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":  # without JupyterLab's scripts, a page shows no such diagram
            cell.source = cell.source.replace("```mermaid", "```text")
        else:
            cell.outputs = joined(cell.get("outputs", []))
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)
    return notebook


def joined(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell with consecutive pieces of one stream joined, as JupyterLab shows them."""
    whole: list[NotebookNode] = []
    for output in outputs:
        before = whole[-1] if whole else output
        if before is not output and output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            whole.append(output)
    return whole


def notes_table(entries: Sequence[Entry]) -> str:
    """Return the statements of the notes as an HTML table; each row leads to the cell that proves it."""
    heads = "".join(f"<th>{head}</th>" for head in ("the notes say", "", "today", "shown in"))
    rows = "\n".join(_row(entry) for entry in entries)
    table = f'<table class="table">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    return f'{_TABLE_STYLE}<div class="ledger">{table}</div>\n'


def _row(entry: Entry) -> str:
    cells = [_with_code(entry.statement), entry.verdict, _with_code(entry.today)]
    proof = f'<a href="{entry.lesson}.html#{entry.proof}">{entry.lesson}</a>'
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in [*cells, proof])}</tr>"


def _with_code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
