"""The list of external links."""

from __future__ import annotations

import datetime
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import external_links
from scripts.external_links import Evidence


def test_every_link_is_listed() -> None:
    """Each external link of lessons, course pages and documentation has its day, and no other address is listed."""
    assert set(external_links.read()) == set(external_links.in_use())


def test_days_are_in_the_past() -> None:
    """Each address has a day and what showed it."""
    today = datetime.datetime.now(datetime.UTC).date()
    assert [address for address, entry in external_links.read().items() if entry.day > today or not entry.source] == []


def test_links_in_a_text() -> None:
    """The end of a sentence is no part of an address, and an address that stands for the reader's own is left out."""
    text = (
        "See [a](https://a.org/x/#y), https://b.org/c. And https://hub.example/x, https://c.org/OWNER/d, http://e.org."
    )
    assert external_links.in_text(text) == {"https://a.org/x/#y", "https://b.org/c"}


def test_the_list_is_written_as_it_is_read(tmp_path: Path) -> None:
    """Reading what was written gives the same, and the list of the documentation is sorted."""
    day = datetime.date(2026, 1, 2)
    listed = {"https://b.org/": Evidence(day, "x"), "https://a.org/": Evidence(day, "y")}
    external_links.write(listed, tmp_path / "list.toml")
    assert external_links.read(tmp_path / "list.toml") == listed
    external_links.write(external_links.read(), tmp_path / "list.toml")
    assert (tmp_path / "list.toml").read_text() == external_links.LIST.read_text()


@pytest.fixture
def website(tmp_path: Path) -> Iterator[str]:
    """A website with one page."""
    (tmp_path / "page.html").write_text('<h2 id="here">A heading</h2>')
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


def test_a_wrong_address_is_reported(website: str) -> None:
    """A page that is missing, an anchor that is missing, and a server that doesn't answer have a reason each."""
    assert external_links.problem(f"{website}/page.html#here") == ""
    assert "404" in external_links.problem(f"{website}/other.html")
    assert external_links.problem(f"{website}/page.html#there") == "the page has no #there"
    assert external_links.problem("http://127.0.0.1:1/") != ""
