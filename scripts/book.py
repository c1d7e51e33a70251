"""The book, a website for readers without Docker: ``python -m scripts.book [--lesson NAME …]``.

It has every lesson with the outputs of a real run and the answers to its questions, the assignments, the pages to look
things up, the documentation, and a reference of the Python API, as static pages in ``docs/book/``. It is built
without a network; a warning or a broken link is an error.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from scripts import api_reference, book_lessons, book_pages
from scripts.broken_links import broken_links
from scripts.lesson_reader import LESSONS

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "book"
STATIC = Path(__file__).with_name("book_static")


def build(
    lessons: Sequence[Path], out: Path, repository: str | None = None, run: Collection[Path] | None = None
) -> None:
    """Build the book with these lessons in the folder ``out``; raise SystemExit for a warning or a broken link.

    Those in ``run`` are executed, by default all; the others have no outputs.
    """
    with tempfile.TemporaryDirectory(prefix="drydock-book-") as folder:
        # MyST-NB writes notebooks beside the pages' folder.
        source, pages = Path(folder, "source"), Path(folder, "made", "pages")
        source.mkdir()
        book_lessons.write_lessons(lessons, source, lessons if run is None else run)
        names = {lesson.stem for lesson in lessons}
        assignments = book_lessons.write_assignments(ROOT, source, names) if lessons else []
        documents = book_pages.write_documentation(ROOT, source)
        reference = api_reference.write(source)
        launch_button = repository is not None
        book_pages.write_index(source, lessons, assignments, documents, reference, launch_button=launch_button)
        sphinx(source, pages, repository)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(pages, out)
    broken = list(broken_links(out))
    if broken:
        raise SystemExit("\n".join(["The book has broken links:", *broken]))


def sphinx(source: Path, out: Path, repository: str | None) -> None:
    """Build the pages with Sphinx; raise SystemExit on the first warning."""
    theme: dict[str, Any] = {"use_download_button": True, "home_page_in_toc": True, "navbar_persistent": []}
    if repository:
        theme |= {"repository_url": repository, "repository_branch": "HEAD"}
        theme["launch_buttons"] = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
        theme["icon_links"] = [launch_link(repository)]
    settings = {
        "autodoc_default_options": {"members": True, "undoc-members": True},
        "autodoc_member_order": "bysource",
        "extensions": ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton", "scripts.sphinx_cell_anchors"],
        # A program's output is nothing to copy.
        "copybutton_selector": "div:not(.output) > div.highlight pre",
        "exclude_patterns": ["work/*/*.md"],
        "html_css_files": ["book.css"],
        "html_static_path": [str(STATIC)],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": theme,
        "html_title": "Drydock",
        "myst_heading_anchors": 3,
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "nitpick_ignore_regex": [("py:.*", api_reference.UNCHECKED)],
        "nitpicky": True,
        "project": "Drydock",
        # Shell commands that continue on the next line are not Python; they are highlighted all the same.
        "suppress_warnings": ["misc.highlighting_failure"],
    }
    (source / "conf.py").write_text("".join(f"{name} = {value!r}\n" for name, value in settings.items()))
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--doctree-dir", str(source / ".doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(out)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SystemExit("Sphinx printed warnings, see above; the book was not written.")


def launch_link(repository: str) -> dict[str, str]:
    """Return the link to the course on Binder that every page has, also one that is no notebook."""
    provider = repository.removeprefix("https://github.com/").strip("/")
    url = f"https://mybinder.org/v2/gh/{provider}/HEAD?urlpath=lab/tree/course/README.md"
    return {"name": "Launch the course on Binder", "url": url, "icon": "fa-solid fa-rocket"}


def origin() -> str | None:
    """Return the address of this clone's origin if it is a website, where Binder can find the repository."""
    command = ["git", "-C", str(ROOT), "remote", "get-url", "origin"]
    url = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().removesuffix(".git")
    return url if url.startswith("https://") else None


def main() -> None:
    """Build the book with all lessons, with the named ones, or without lessons."""
    parser = argparse.ArgumentParser(prog="python -m scripts.book", description=__doc__)
    parser.add_argument("--lesson", action="append", choices=[str(lesson) for lesson in LESSONS], help="only this one")
    parser.add_argument("--no-lessons", action="store_true", help="only the documentation and the API reference")
    parser.add_argument("--no-outputs", action="store_true", help="all pages, for a quick look: lessons are not run")
    parser.add_argument("--repository", metavar="URL", help="where Binder finds the course (default: the origin)")
    options = parser.parse_args()
    selected = [] if options.no_lessons else options.lesson or [str(lesson) for lesson in LESSONS]
    repository = options.repository or origin()
    if repository is None:
        print("The pages have no Binder button: the clone has no origin; add --repository URL.", file=sys.stderr)
    lessons = [lesson.path for lesson in LESSONS if str(lesson) in selected]
    build(lessons, OUT, repository, run=[] if options.no_outputs else None)
    print(f"The book is in {OUT.relative_to(ROOT)}/index.html.")


if __name__ == "__main__":
    main()
