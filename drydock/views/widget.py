"""A picture in a notebook: an ipywidget in JupyterLab, and an SVG on pages without widgets."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

# ipywidgets has no type annotations; this module hides it from the others.
from ipywidgets import HTML, Layout, VBox  # type: ignore[import-untyped]

from drydock.views.svg import SvgBuilder

_SIZE = re.compile(r'<svg [^>]*?width="([0-9.]+)" height="([0-9.]+)"')
_LABEL = re.compile(r'aria-label="([^"]*)"')
#: The height of a message above a picture.
_MESSAGE_HEIGHT = 28


class View(VBox):  # type: ignore[misc]
    """A widget with a picture, and below it controls if it has any."""

    def __init__(self, svg: str, controls: tuple[Any, ...] = ()) -> None:
        self._picture = HTML(value=svg)
        super().__init__(children=(self._picture, *controls), layout=Layout(overflow="auto hidden"))

    @property
    def svg(self) -> str:
        """The current picture."""
        return str(self._picture.value)

    def show(self, svg: str) -> None:
        """Replace the picture."""
        if svg != self.svg:
            self._picture.value = svg

    def close(self) -> None:
        """Close the widget and its children."""
        for child in self.children:
            child.close()
        super().close()

    def __repr__(self) -> str:
        return f"<{description(self.svg)}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {"text/plain": repr(self)}
        return bundle | {"image/svg+xml": self.svg}


def description(svg: str) -> str:
    """Return the description that the picture has for screen readers."""
    match = _LABEL.search(svg)
    return unescape(match[1]) if match else "a picture"


def with_message(svg: str, message: str) -> str:
    """Return the picture faded, with a message above it."""
    match = _SIZE.match(svg)
    width, height = (int(match[1]), float(match[2])) if match else (600, 0.0)
    canvas = SvgBuilder(width)
    canvas.text(10, 18, message, "error", max_width=width - 20)
    canvas.embed(svg.replace("<svg ", f'<svg y="{_MESSAGE_HEIGHT}" opacity="0.5" ', 1))
    return canvas.render(height + _MESSAGE_HEIGHT, f"{message}; before: {description(svg)}")


#: The picture before anything was drawn.
EMPTY = SvgBuilder(600).render(0, "nothing yet")
