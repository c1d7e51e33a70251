"""Links of a website that lead nowhere."""

from __future__ import annotations

from pathlib import Path

from scripts.broken_links import broken_links


def test_broken_links_are_found(tmp_path: Path) -> None:
    """A missing page and a missing anchor are reported, but neither other websites nor a theme's templates."""
    for folder in ("docs", "_static"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_static" / "template.html").write_text('<a href="{{ page }}">h</a>')
    (tmp_path / "one.html").write_text('<a href="two.html">a</a><a href="#no">b</a><a href="https://x.example/">c</a>')
    (tmp_path / "three.html").write_text('<p id="yes"><a href="one.html">d</a><a href="three.html#yes">e</a>')
    (tmp_path / "docs" / "four.html").write_text('<a href="../three.html#yes">f</a><a href="one.html">g</a>')
    broken = ["docs/four.html: one.html", "one.html: two.html", "one.html: #no"]
    assert sorted(broken_links(tmp_path)) == sorted(broken)
