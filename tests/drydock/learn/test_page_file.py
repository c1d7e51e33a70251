"""Pages that Drydock generates into a course folder."""

from __future__ import annotations

from pathlib import Path

from drydock.learn import page_file


def test_a_page_is_replaced_while_nobody_changes_it(tmp_path: Path) -> None:
    """The new text is there, and the page still counts as generated."""
    page = tmp_path / "page.md"
    for text in ("# Page\n\nold\n", "# Page\n\nnäu\n"):
        assert page_file.write(page, text)
        assert page.read_text(encoding="utf-8").startswith(text)
        assert not page_file.is_changed(page)


def test_a_changed_page_stays(tmp_path: Path) -> None:
    """Text that a person adds anywhere, and a file of the same name that a person wrote, stay."""
    page = tmp_path / "page.md"
    page_file.write(page, "# Page\n\nold\n")
    for text in (page.read_text().replace("old", "mine"), f"{page.read_text()}mine\n", "# Mine\n"):
        page.write_text(text)
        assert not page_file.write(page, "# Page\n\nnew\n")
        assert page.read_text() == text
    page.write_bytes(b"\xff")
    assert not page_file.write(page, "# Page\n")


def test_a_page_of_an_earlier_version_is_replaced(tmp_path: Path) -> None:
    """It has the heading, and no comment with a hash yet."""
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nold\n")
    assert page_file.write(page, "# Page\n\nnew\n")
    assert "new" in page.read_text()
