"""The sheet that pictures are drawn on: nothing gets out of its box, and nothing into the page."""

from __future__ import annotations

import pytest

from drydock.views.svg import SvgBuilder, cells, clean, shorten
from tests.drydock.views.parts import WICKED, parsed, texts


@pytest.mark.parametrize(
    ("text", "letters", "middle", "short"),
    [
        ("lesson-box", 10, False, "lesson-box"),
        ("lesson-box", 9, False, "lesson-b…"),
        ("a-long-name-1", 9, True, "a-lo…me-1"),
        ("two\n  lines", 20, False, "two lines"),
        ("漢字漢字", 8, False, "漢字漢字"),
        ("漢字漢字", 7, False, "漢字漢…"),
        ("漢字漢字", 6, True, "漢…字"),
        ("anything", 1, False, "…"),
        ("", 5, True, ""),
    ],
)
def test_words_are_cut_to_their_room(text: str, letters: int, middle: bool, short: str) -> None:
    """A text that is too long ends in an ellipsis, or has it in the middle, and is never wider than its room."""
    assert shorten(text, letters, middle=middle) == short
    assert cells(short) <= letters


def test_no_name_gets_into_the_page() -> None:
    """Mark-up in a name is shown as it was written, and what XML can't hold is replaced."""
    canvas = SvgBuilder(2000)
    canvas.text(0, 10, WICKED)
    svg = canvas.svg(20, WICKED)
    assert "<script" not in svg
    (shown,) = texts(svg)
    assert shown == WICKED.replace("\x1b", "\ufffd")
    assert parsed(svg).attrib["aria-label"] == shown


def test_a_name_that_was_cut_is_whole_in_the_tooltip() -> None:
    """Who points at a shortened text sees all of it."""
    canvas = SvgBuilder(100)
    canvas.text(0, 10, "a name that is far too long", room=80)
    (text,) = (one for one in parsed(canvas.svg(20, "")).iter() if one.tag.endswith("text"))
    assert text.text == "a name tha…"
    assert text[0].text == "a name that is far too long"


def test_an_arrow_ends_in_a_tip() -> None:
    """The line stops short of the point that the tip touches."""
    canvas = SvgBuilder(100)
    canvas.arrow([(0, 10), (50, 10)])
    line, tip = list(parsed(canvas.svg(20, "")))[-2:]
    assert line.attrib["points"] == "0,10 42,10"
    assert tip.attrib["points"] == "50,10 42,14 42,6"


def test_colours_come_from_the_page_or_are_those_of_paper() -> None:
    """In JupyterLab the theme colours the picture; where there is none it's dark on white."""
    svg = SvgBuilder(10).svg(10, "")
    assert "var(--jp-ui-font-color1,#1f2328)" in svg
    assert "var(--jp-layout-color1,#fff)" in svg


def test_clean_text_is_one_line() -> None:
    """Lines become spaces, quotes and angle brackets become references."""
    assert clean('a\n<b c="d">') == "a &lt;b c=&quot;d&quot;&gt;"
