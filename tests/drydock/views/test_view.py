"""A picture is HTML in the notebook, and is replaced in place."""

from __future__ import annotations

import builtins
import html
from types import SimpleNamespace
from typing import Any

import pytest

from drydock.views.svg import SvgBuilder
from drydock.views.view import EMPTY, View, description, with_message, with_time
from tests.drydock.views.parts import misplaced, parse, texts


def picture(text: str) -> str:
    """Return a picture with one text."""
    canvas = SvgBuilder(200)
    canvas.text(10, 20, text)
    return canvas.render(30, f"it says <{text}>")


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A shell with a kernel, and the list of what is published in it."""
    published: list[dict[str, Any]] = []
    display_pub = SimpleNamespace(publish=lambda **message: published.append(message))
    shell = SimpleNamespace(display_pub=display_pub, kernel=object())
    monkeypatch.setattr(builtins, "get_ipython", lambda: shell, raising=False)
    return published


def test_output_is_html_and_text(kernel: list[dict[str, Any]]) -> None:
    """Jupyter gets the picture as HTML, and its description as text."""
    View(picture("hello"))._ipython_display_()
    [message] = kernel
    assert message["data"] == {"text/html": picture("hello"), "text/plain": "<it says <hello>>"}
    assert not message["update"]


def test_show_replaces_the_picture(kernel: list[dict[str, Any]]) -> None:
    """Another picture replaces the displayed one, in the same output; the same picture sends nothing."""
    view = View(picture("hello"))
    view._ipython_display_()
    view.show(picture("bye"))
    view.show(picture("bye"))
    first, second = kernel
    assert second["update"]
    assert second["data"]["text/html"] == view.svg == picture("bye")
    assert second["transient"] == first["transient"]


def test_time_below_the_picture() -> None:
    """The time stands below the picture, which gets higher by one line."""
    svg = with_time(picture("hello"), "12:00")
    assert texts(svg) == ["hello", "12:00"]
    assert misplaced(svg) == []
    assert description(svg) == "it says <hello>; 12:00"


def test_message_above_the_picture() -> None:
    """The picture stays below the message, and the description has both."""
    svg = with_message(picture("hello"), "no answer from <here>")
    assert texts(svg) == ["no answer from <here>", "hello"]
    assert float(parse(svg).attrib["height"]) == 30 + 28
    assert html.unescape(description(svg)) == "no answer from <here>; before: it says <hello>"


def test_message_without_a_picture() -> None:
    """A message can be shown before there is a picture."""
    assert texts(with_message(EMPTY, "no answer")) == ["no answer"]
