"""A picture is a widget where there are widgets, and an SVG on any other page."""

from __future__ import annotations

import html

from drydock.views.svg import SvgBuilder
from drydock.views.widget import EMPTY, View, about, notice
from tests.drydock.views.parts import parsed, texts


def picture(word: str) -> str:
    """A picture with one word."""
    canvas = SvgBuilder(200)
    canvas.text(10, 20, word)
    return canvas.svg(30, f"it says <{word}>")


def test_an_output_holds_the_widget_and_the_picture() -> None:
    """What Jupyter gets of a view is the widget, the SVG, and in words what is on it."""
    view = View(picture("hello"))
    bundle = view._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == view.model_id
    assert bundle["image/svg+xml"] == view.svg
    assert bundle["text/plain"] == "<it says <hello>>"
    view.close()


def test_showing_another_picture_changes_the_widget() -> None:
    """What the notebook already shows is changed, not shown a second time."""
    view = View(picture("hello"))
    view.show(picture("bye"))
    assert texts(view.children[0].value) == ["bye"]
    view.close()


def test_a_notice_stands_over_the_picture() -> None:
    """The picture stays below the line, and the whole is still one picture that says what it shows."""
    noticed = notice(picture("hello"), "no answer from <here>")
    assert texts(noticed) == ["no answer from <here>", "hello"]
    assert float(parsed(noticed).attrib["height"]) == 30 + 28
    assert html.unescape(about(noticed)) == "no answer from <here>; before: it says <hello>"


def test_a_notice_over_nothing() -> None:
    """Even before there is any picture, a line can be told."""
    assert texts(notice(EMPTY, "no answer")) == ["no answer"]
