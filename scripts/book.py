"""The course as a book, for whoever has nothing but a browser: ``python -m scripts.book [--lesson STEM …]``.

Every lesson with the outputs of a real run, the ledger of the notes in front, as a static site in ``docs/book/``. Built
without a network; a warning or a link that leads nowhere is an error.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
from nbformat import NotebookNode

from scripts.execute_lessons import played
from scripts.lesson_reader import LESSONS
from scripts.notes_ledger import Entry, read

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "book"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_INTRO = """\
# Drydock: the book

A Docker course of {count} lessons, each run on a real Docker before this page was made: what you see below the cells is
what came out. To run them yourself, {how}.

```{{toctree}}
:maxdepth: 1
:caption: Lessons

{toctree}
```

## What the lecture notes say, and what is true today

Every line of the notes was put to a live daemon. The last column leads to the cell that shows it.

"""
#: Four columns where there is room; on a phone a row is a block, and what its cells mean is plain from what they say.
_LEDGER_STYLE = """\
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


def build(lessons: Sequence[Path], out: Path, repository: str | None = None) -> None:
    """Make the book of these lessons in the folder ``out``; ends the program where it isn't sound."""
    with tempfile.TemporaryDirectory(prefix="drydock-book-") as folder:
        # MyST-NB leaves the notebooks beside the pages, so these have a folder around them.
        source, pages = Path(folder, "source"), Path(folder, "made", "pages")
        source.mkdir()
        for lesson, notebook in played(lessons).items():
            _nbformat.write(flat(notebook), source / lesson.name)
        stems = [lesson.stem for lesson in lessons]
        entries = [entry for entry in read().entries if entry.lecture in stems]
        how = f"{'take the rocket at the top of a page, or ' if repository else ''}download the notebook"
        intro = _INTRO.format(count=len(stems), how=how, toctree="\n".join(stems))
        (source / "index.md").write_text(intro + ledger(entries))
        sphinx(source, pages, repository)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(pages, out)
    broken = list(broken_links(out))
    if broken:
        raise SystemExit("\n".join(["Links that lead nowhere:", *broken]))


def flat(notebook: NotebookNode) -> NotebookNode:
    """The notebook with pictures where it had widgets, which only a kernel can move."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":  # a page without JupyterLab's scripts draws no such diagram
            cell.source = cell.source.replace("```mermaid", "```text")
        else:
            cell.outputs = joined(cell.get("outputs", []))
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)
    return notebook


def joined(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The outputs of a cell with what was printed piece by piece in one piece, as JupyterLab shows it."""
    whole: list[NotebookNode] = []
    for output in outputs:
        before = whole[-1] if whole else output
        if before is not output and output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            whole.append(output)
    return whole


def ledger(entries: Sequence[Entry]) -> str:
    """The notes' claims as a table; each row leads to the cell that proves it."""
    heads = "".join(f"<th>{head}</th>" for head in ("the notes say", "", "today", "shown in"))
    rows = "\n".join(_row(entry) for entry in entries)
    table = f'<table class="table">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    return f'{_LEDGER_STYLE}<div class="ledger">{table}</div>\n'


def _row(entry: Entry) -> str:
    cells = [_coded(entry.says), entry.verdict, _coded(entry.today)]
    proof = f'<a href="{entry.lecture}.html#{entry.proof}">{entry.lecture}</a>'
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in [*cells, proof])}</tr>"


def _coded(words: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words, quote=False))


def sphinx(source: Path, out: Path, repository: str | None) -> None:
    """Have Sphinx make the pages, and stop when it complains."""
    theme: dict[str, Any] = {"use_download_button": True, "home_page_in_toc": True, "navbar_persistent": []}
    if repository:
        theme |= {"repository_url": repository, "path_to_docs": "course", "repository_branch": "HEAD"}
        theme["launch_buttons"] = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    settings = {
        "extensions": ["myst_nb", "scripts.sphinx_cell_anchors"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": theme,
        "html_title": "Drydock",
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "nitpicky": True,
        "project": "Drydock",
        # Shell lines that go on in the next one are no Python; they are coloured all the same.
        "suppress_warnings": ["misc.highlighting_failure"],
    }
    (source / "conf.py").write_text(f"globals().update({settings!r})\n")
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(source / ".trees")]
    if subprocess.run([*words, str(source), str(out)], cwd=ROOT, check=False).returncode:
        raise SystemExit("Sphinx had something to say, which is above: the book isn't sound.")


class _Page(HTMLParser):
    """The ids and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag is called and where it leads."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def broken_links(site: Path) -> Iterator[str]:
    """Each link from one of the site's pages to a place of the site that isn't there."""
    pages = {path.resolve(): _Page(path.read_text()) for path in sorted(site.glob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.exists()
            if not there or (parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids):
                yield f"{path.relative_to(site.resolve())}: {link}"


def origin() -> str | None:
    """Where Binder could find this repository: its origin, when that is a place on the web."""
    words = ["git", "-C", str(ROOT), "remote", "get-url", "origin"]
    url = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip().removesuffix(".git")
    return url if url.startswith("https://") else None


def main() -> None:
    """Make the book of the lessons that are named, or of all."""
    parser = argparse.ArgumentParser(prog="python -m scripts.book", description=__doc__)
    parser.add_argument("--lesson", action="append", choices=[str(lesson) for lesson in LESSONS], help="only this one")
    parser.add_argument("--repository", metavar="URL", help="where Binder finds the course (the clone's origin)")
    wish = parser.parse_args()
    lessons = [lesson.path for lesson in LESSONS if not wish.lesson or str(lesson) in wish.lesson]
    repository = wish.repository or origin()
    if repository is None:
        print("No Binder button: this clone has no origin on the web; --repository URL names one.", file=sys.stderr)
    build(lessons, OUT, repository)
    print(f"The book is in {OUT.relative_to(ROOT)}/index.html.")


if __name__ == "__main__":
    main()
