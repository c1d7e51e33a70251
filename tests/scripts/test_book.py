"""The book: what a page shows, that no link leads nowhere, and how it looks on a phone and on a desk."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from scripts import book
from scripts.lesson_reader import LESSONS
from scripts.notes_ledger import read

#: An address of the kind that Binder takes.
REPOSITORY = "https://github.com/example/drydock"
#: Enough to see by: the two that are played fastest, both with claims of the notes.
FEW = [LESSONS[0], LESSONS[9]]
_LEDGERS_FIT = "[...document.querySelectorAll('.ledger')].every(place => place.scrollWidth <= place.clientWidth)"
SCREENS = {"phone": (390, 844), "desk": (1440, 900)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of a few lessons."""
    out = tmp_path_factory.mktemp("book") / "site"
    book.build([lesson.path for lesson in FEW], out, REPOSITORY)
    return out


@pytest.mark.live
@pytest.mark.timeout(600)
def test_a_page_shows_what_came_out(site: Path) -> None:
    """Below its cells stand the outputs of a run, on top the ways to run it oneself."""
    text = (site / "00_first_run.html").read_text()
    assert "in the machine" in text
    assert "No such image" in text
    assert f"mybinder.org/v2/gh/example/drydock/HEAD?urlpath=lab/tree/course/{FEW[0].path.name}" in text
    assert (site / "_sources" / "00_first_run.ipynb").is_file()
    assert "_sources/00_first_run.ipynb" in text


@pytest.mark.live
@pytest.mark.timeout(600)
def test_nothing_else_is_made(site: Path) -> None:
    """What it was made of is gone: beside the pages lies nothing."""
    assert list(site.parent.iterdir()) == [site]
    assert not list(site.glob("conf.py"))


@pytest.mark.live
@pytest.mark.timeout(600)
def test_the_ledger_is_in_front(site: Path) -> None:
    """Each claim of these lessons has a row that leads to its cell; that the cells are there, building has seen."""
    text = (site / "index.html").read_text()
    entries = [entry for entry in read().entries if entry.lecture in map(str, FEW)]
    linked = re.findall(r'href="(\w+)\.html#([\w-]+)">\1</a>', text)
    assert linked == [(entry.lecture, entry.proof) for entry in entries]


def test_what_was_printed_in_pieces_is_whole() -> None:
    """Pieces of one stream become one, also where a line was cut; another stream or a result stands by itself."""
    said = [("stdout", "web-2"), ("stdout", " runs\n"), ("stderr", "oh"), ("stdout", "end")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in said]
    outputs.insert(3, nbformat.v4.new_output("display_data", {"text/plain": "1"}))
    whole = book.joined(outputs)
    assert [output.get("text") for output in whole] == ["web-2 runs\n", "oh", None, "end"]


@pytest.mark.live
@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("screen", SCREENS)
def test_it_fits_the_screen_and_asks_nobody(site: Path, screen: str) -> None:
    """No page is wider than the screen, nor the ledger than its place, and all that a page needs lies beside it."""
    width, height = SCREENS[screen]
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("request", lambda request: asked.append(request.url))
        for file in sorted(site.glob("[i0]*.html")):
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
            assert page.evaluate(_LEDGERS_FIT), file.name
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_the_whole_book(tmp_path: Path) -> None:
    """All lessons: without a warning, and without a link that leads nowhere."""
    book.build([lesson.path for lesson in LESSONS], tmp_path / "site", REPOSITORY)
    assert {path.stem for path in (tmp_path / "site").glob("[01]*.html")} == {str(lesson) for lesson in LESSONS}


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    """To a page that isn't there, or to a place that its page doesn't have; the web is not ours to look at."""
    (tmp_path / "one.html").write_text('<a href="two.html">a</a><a href="#no">b</a><a href="https://x.example/">c</a>')
    (tmp_path / "three.html").write_text('<p id="yes"><a href="one.html">d</a><a href="three.html#yes">e</a>')
    assert list(book.broken_links(tmp_path)) == ["one.html: two.html", "one.html: #no"]


def test_a_complaint_of_sphinx_ends_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A reference to nothing is a warning, and a warning is the end."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# A book\n\n[nowhere](nowhere.md)\n")
    with pytest.raises(SystemExit, match="had something to say"):
        book.sphinx(source, tmp_path / "out", None)
    assert "nowhere.md" in capfd.readouterr().err


def test_a_widget_becomes_its_picture() -> None:
    """What only a kernel could move is left out; the picture beside it stays."""
    data = {"application/vnd.jupyter.widget-view+json": {}, "image/svg+xml": "<svg/>"}
    output = nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": {}})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    flat = book.flat(notebook)
    assert flat.cells[0].outputs[0].data == {"image/svg+xml": "<svg/>"}
    assert "widgets" not in flat.metadata
