"""A picture is a widget in JupyterLab and an SVG on other pages."""

from __future__ import annotations

import html

from drydock.views.svg import SvgBuilder
from drydock.views.widget import EMPTY, View, description, with_message
from tests.drydock.views.parts import parse, texts


def picture(text: str) -> str:
    """Return a picture with one text."""
    canvas = SvgBuilder(200)
    canvas.text(10, 20, text)
    return canvas.render(30, f"it says <{text}>")


def test_output_has_widget_picture_and_text() -> None:
    """Jupyter gets the widget, the SVG, and the description as text."""
    view = View(picture("hello"))
    bundle = view._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == view.model_id
    assert bundle["image/svg+xml"] == view.svg
    assert bundle["text/plain"] == "<it says <hello>>"
    view.close()


def test_show_replaces_the_picture() -> None:
    """Another picture replaces the one that the notebook displays."""
    view = View(picture("hello"))
    view.show(picture("bye"))
    assert texts(view.children[0].value) == ["bye"]
    view.close()


def test_message_above_the_picture() -> None:
    """The picture stays below the message, and the description has both."""
    svg = with_message(picture("hello"), "no answer from <here>")
    assert texts(svg) == ["no answer from <here>", "hello"]
    assert float(parse(svg).attrib["height"]) == 30 + 28
    assert html.unescape(description(svg)) == "no answer from <here>; before: it says <hello>"


def test_message_without_a_picture() -> None:
    """A message can be shown before there is a picture."""
    assert texts(with_message(EMPTY, "no answer")) == ["no answer"]
