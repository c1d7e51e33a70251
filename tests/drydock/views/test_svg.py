"""Text in pictures stays in its box and can't add markup to the page."""

from __future__ import annotations

import pytest

from drydock.views.svg import SvgBuilder, display_width, escape_text, is_empty, shorten
from tests.drydock.views.parts import HOSTILE_NAME, parse, texts


@pytest.mark.parametrize(
    ("text", "width", "middle", "expected"),
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
def test_long_text_is_shortened(text: str, width: int, middle: bool, expected: str) -> None:
    """A text that is too long gets an ellipsis at its end or in its middle, and is never wider than asked for."""
    assert shorten(text, width, middle=middle) == expected
    assert display_width(expected) <= width


def test_markup_in_a_name_is_escaped() -> None:
    """Markup in a name is shown as text, and characters that XML can't contain are replaced."""
    canvas = SvgBuilder(2000)
    canvas.text(0, 10, HOSTILE_NAME)
    svg = canvas.render(20, HOSTILE_NAME)
    assert "<script" not in svg
    (text,) = texts(svg)
    assert text == HOSTILE_NAME.replace("\x1b", "\ufffd")
    assert parse(svg).attrib["aria-label"] == text


def test_shortened_text_has_a_tooltip() -> None:
    """The tooltip of a shortened text is the full text."""
    canvas = SvgBuilder(100)
    canvas.text(0, 10, "a name that is far too long", max_width=80)
    (text,) = (element for element in parse(canvas.render(20, "")).iter() if element.tag.endswith("text"))
    assert text.text == "a name tha…"
    assert text[0].text == "a name that is far too long"


def test_arrow_has_an_arrowhead() -> None:
    """The line stops where the arrowhead begins, and the arrowhead touches the end point."""
    canvas = SvgBuilder(100)
    canvas.arrow([(0, 10), (50, 10)])
    line, arrowhead = list(parse(canvas.render(20, "")))[-2:]
    assert line.attrib["points"] == "0,10 42,10"
    assert arrowhead.attrib["points"] == "50,10 42,14 42,6"


def test_colours_come_from_the_theme() -> None:
    """JupyterLab's theme sets the colours of a picture, or the book's; without one, text is dark on white."""
    svg = SvgBuilder(10).render(10, "")
    assert "var(--jp-ui-font-color1,var(--pst-color-text-base,#1f2328))" in svg
    assert "var(--jp-layout-color1,var(--pst-color-background,#fff))" in svg
    assert not is_empty(svg)
    assert is_empty(SvgBuilder(10).render(10, "", empty=True))


def test_escaped_text_is_one_line() -> None:
    """Line breaks become spaces; quotes and angle brackets become character references."""
    assert escape_text('a\n<b c="d">') == "a &lt;b c=&quot;d&quot;&gt;"
