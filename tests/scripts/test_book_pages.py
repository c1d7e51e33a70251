"""The source pages of the book."""

from __future__ import annotations

from pathlib import Path

import nbformat

from scripts import book_pages
from scripts.lesson_reader import LESSONS
from scripts.notes_ledger import read
from tests.architecture.tree import ROOT


def test_pieces_of_a_stream_are_joined() -> None:
    """Consecutive pieces of one stream become one output; another stream or a result stays separate."""
    pieces = [("stdout", "web-2"), ("stdout", " runs\n"), ("stderr", "oh"), ("stdout", "end")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]
    outputs.insert(3, nbformat.v4.new_output("display_data", {"text/plain": "1"}))
    joined = book_pages.joined(outputs)
    assert [output.get("text") for output in joined] == ["web-2 runs\n", "oh", None, "end"]


def test_a_widget_becomes_its_picture() -> None:
    """The widget is left out, since a page has no kernel; the picture in the same output stays."""
    data = {"application/vnd.jupyter.widget-view+json": {}, "image/svg+xml": "<svg/>"}
    output = nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": {}})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    page = book_pages.without_widgets(notebook)
    assert page.cells[0].outputs[0].data == {"image/svg+xml": "<svg/>"}
    assert "widgets" not in page.metadata


def test_the_documentation_keeps_its_paths(tmp_path: Path) -> None:
    """The pages are copied to the same relative paths, so that their links stay valid."""
    pages = book_pages.write_documentation(ROOT, tmp_path)
    assert {"docs/design", "docs/glossary", "CONTRIBUTING", "SECURITY", "CHANGELOG"} <= set(pages)
    assert all((tmp_path / f"{page}.md").read_text() == (ROOT / f"{page}.md").read_text() for page in pages)


def test_the_first_page_lists_everything(tmp_path: Path) -> None:
    """The first page has the lessons, the notes about them, the documentation and the reference."""
    lessons = [lesson.path for lesson in LESSONS[:2]]
    book_pages.write_index(tmp_path, lessons, ["docs/design"], ["reference/1"], launch_button=True)
    text = (tmp_path / "index.md").read_text()
    assert f"\n{LESSONS[0]}\n{LESSONS[1]}\n" in text
    assert "\ndocs/design\n" in text
    assert "\nreference/1\n" in text
    assert "rocket" in text
    rows = sum(entry.lesson in {path.stem for path in lessons} for entry in read().entries)
    assert text.count("<tr>") == rows + 1


def test_without_lessons_there_is_no_table(tmp_path: Path) -> None:
    """A book of the documentation alone has no chapter about lessons."""
    book_pages.write_index(tmp_path, [], ["docs/design"], ["reference/1"], launch_button=False)
    assert "lecture notes" not in (tmp_path / "index.md").read_text()
