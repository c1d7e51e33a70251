"""The source pages of the book."""

from __future__ import annotations

from pathlib import Path

from scripts import book_pages
from scripts.lesson_reader import LESSONS
from tests.architecture.tree import ROOT


def test_the_documentation_keeps_its_paths(tmp_path: Path) -> None:
    """The pages are copied to the same relative paths, so that their links stay valid."""
    pages = book_pages.write_documentation(ROOT, tmp_path)
    assert {"docs/design", "docs/glossary", "CONTRIBUTING", "SECURITY", "CHANGELOG"} <= set(pages)
    assert all((tmp_path / f"{page}.md").read_text() == (ROOT / f"{page}.md").read_text() for page in pages)


def test_the_first_page_lists_everything(tmp_path: Path) -> None:
    """The first page has the lessons, the pages to look things up, the documentation and the reference."""
    lessons = [lesson.path for lesson in LESSONS[:2]]
    book_pages.write_index(tmp_path, lessons, ["work/a/a"], ["docs/design"], ["reference/1"], launch_button=True)
    text = (tmp_path / "index.md").read_text()
    assert f"| 00 | [Run your first container](course/{LESSONS[0]}.ipynb) | 30 |" in text
    assert f" <course/{LESSONS[0]}>\n01 " in text
    assert "\nwork/a/a\n" in text
    assert "\ndocs/design\n" in text
    assert "\nreference/1\n" in text
    assert "rocket" in text
    for page in ("glossary", "term-index", "cheat-sheet", "at-home", "notes"):
        assert f"](course/{page}.md)" in text
        assert f"\ncourse/{page}\n" in text


def test_without_lessons_there_is_no_chapter(tmp_path: Path) -> None:
    """A book of the documentation alone has no chapter about lessons."""
    book_pages.write_index(tmp_path, [], [], ["docs/design"], ["reference/1"], launch_button=False)
    assert "lecture notes" not in (tmp_path / "index.md").read_text()
