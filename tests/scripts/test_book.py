"""The book: its pages, its links, and how it looks on a phone and on a desktop screen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from scripts import book
from scripts.api_reference import PUBLIC
from scripts.lesson_reader import LESSONS
from scripts.notes_ledger import read
from tests.architecture.tree import ROOT

#: An address that Binder accepts.
REPOSITORY = "https://github.com/example/drydock"
#: Two short lessons.
FEW = [LESSONS[0], LESSONS[8]]
SCREENS = {"phone": (390, 844), "desktop": (1440, 900)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of all pages, in which a few lessons have outputs."""
    out = tmp_path_factory.mktemp("book") / "site"
    book.build([lesson.path for lesson in LESSONS], out, REPOSITORY, run=[lesson.path for lesson in FEW])
    return out


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_page_shows_the_outputs_of_a_run(site: Path) -> None:
    """A lesson's page has the outputs below its cells, and links to Binder and to its notebook."""
    text = (site / "course" / "00_first_run.html").read_text()
    assert "in the Drydock machine" in text
    assert f"mybinder.org/v2/gh/example/drydock/HEAD?urlpath=lab/tree/course/{FEW[0].path.name}" in text
    assert (site / "_sources" / "course" / "00_first_run.ipynb").is_file()
    assert "_sources/course/00_first_run.ipynb" in text
    assert "copybutton.js" in text
    assert "<summary>Answer</summary>" in text


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_documentation_is_in_it(site: Path) -> None:
    """Each page of docs/ and each public module has a page that the first page leads to."""
    pages = [f"docs/{page.stem}" for page in (ROOT / "docs").glob("*.md")] + ["CONTRIBUTING", "SECURITY", "CHANGELOG"]
    index = (site / "index.html").read_text()
    assert [page for page in pages if f'href="{page}.html"' not in index] == []
    modules = [module for subject in PUBLIC.values() for module in subject]
    assert [module for module in modules if not (site / "reference" / f"{module}.html").is_file()] == []
    assert 'id="drydock.machine.Machine.reach"' in (site / "reference" / "drydock.machine.html").read_text()


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_every_page_can_launch_the_course(site: Path) -> None:
    """Each page leads to Binder and has the search; an assignment leads to itself there."""
    for page in ("index", "course/glossary", "docs/design", "course/00_first_run", "work/service/service"):
        text = (site / f"{page}.html").read_text()
        assert "mybinder.org/v2/gh/example/drydock/HEAD?urlpath=lab/tree/course/README.md" in text, page
        assert "search-button" in text, page
    assert "urlpath=lab/tree/work/service/service.ipynb" in (site / "work" / "service" / "service.html").read_text()


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_nothing_else_is_written(site: Path) -> None:
    """The folder of the book is the only one, and it contains no configuration and no intermediate file."""
    assert list(site.parent.iterdir()) == [site]
    assert not [*site.rglob("conf.py"), *site.rglob("*.doctree")]


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_page_of_the_notes_leads_to_the_cells_and_back(site: Path) -> None:
    """Each statement has a link to its cell, and each aside of a lesson leads to its lines; the build checks both."""
    text = (site / "course" / "notes.html").read_text()
    linked = re.findall(r'href="(\w+)\.html#([\w-]+)">\d\d ', text)
    assert set(linked) == {(entry.lesson, entry.proof) for entry in read().entries}
    for line in read().digests:
        assert f'id="line-{line}"' in text
    assert 'href="notes.html#line-29"' in (site / "course" / "03_ports.html").read_text()


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_index_leads_to_sections(site: Path) -> None:
    """A term of the index leads to the section that introduces it, and to the glossary."""
    text = (site / "course" / "term-index.html").read_text()
    assert 'href="glossary.html#bind-mount"' in text
    assert 'href="06_volumes.html#bind-heading"' in text
    assert 'id="bind-heading"' in (site / "course" / "06_volumes.html").read_text()


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("screen", SCREENS)
def test_it_fits_the_screen_and_loads_nothing(site: Path, screen: str) -> None:
    """No page is wider than the screen, and none requests a file of another website."""
    width, height = SCREENS[screen]
    requested: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("request", lambda request: requested.append(request.url))
        pages = ("index.html", "course/*.html", "work/*/*.html", "docs/design.html")
        for file in sorted(file for pattern in pages for file in site.glob(pattern)):
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
        browser.close()
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_the_whole_book(tmp_path: Path) -> None:
    """The book with all lessons has no warning and no broken link."""
    book.build([lesson.path for lesson in LESSONS], tmp_path / "site", REPOSITORY)
    assert {path.stem for path in (tmp_path / "site" / "course").glob("[01]*.html")} == {
        str(lesson) for lesson in LESSONS
    }


def test_a_warning_of_sphinx_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A link to a missing page stops the build, and the output names it."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# A book\n\n[nowhere](nowhere.md)\n")
    with pytest.raises(SystemExit, match="printed warnings"):
        book.sphinx(source, tmp_path / "out", None)
    assert "nowhere.md" in capfd.readouterr().err
