"""A picture in a notebook: a widget where there are widgets, and an SVG on any other page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

# ipywidgets has no types: this is the one place that knows it.
from ipywidgets import HTML, Layout, VBox  # type: ignore[import-untyped]

from drydock.views.svg import SvgBuilder

_SIZE = re.compile(r'<svg [^>]*?width="([0-9.]+)" height="([0-9.]+)"')
_LABEL = re.compile(r'aria-label="([^"]*)"')
#: The room for a line over a picture.
_LINE = 28


class View(VBox):  # type: ignore[misc]
    """A picture, with controls below it if it has any."""

    def __init__(self, svg: str, controls: tuple[Any, ...] = ()) -> None:
        self._picture = HTML(value=svg)
        super().__init__(children=(self._picture, *controls), layout=Layout(overflow="auto hidden"))

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        return str(self._picture.value)

    def show(self, svg: str) -> None:
        """Show another picture."""
        if svg != self.svg:
            self._picture.value = svg

    def close(self) -> None:
        """Take the widget away."""
        for child in self.children:
            child.close()
        super().close()

    def __repr__(self) -> str:
        return f"<{about(self.svg)}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {"text/plain": repr(self)}
        return bundle | {"image/svg+xml": self.svg}


def about(svg: str) -> str:
    """What a picture shows, in words."""
    found = _LABEL.search(svg)
    return unescape(found[1]) if found else "a picture"


def notice(svg: str, line: str) -> str:
    """The picture, faded, with a line over it."""
    found = _SIZE.match(svg)
    width, height = (int(found[1]), float(found[2])) if found else (600, 0.0)
    canvas = SvgBuilder(width)
    canvas.text(10, 18, line, "bad", room=width - 20)
    canvas.inset(svg.replace("<svg ", f'<svg y="{_LINE}" opacity="0.5" ', 1))
    return canvas.svg(height + _LINE, f"{line}; before: {about(svg)}")


#: A picture of nothing yet.
EMPTY = SvgBuilder(600).svg(0, "nothing yet")
