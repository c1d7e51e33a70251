"""An SVG builder: boxes, text and arrows, readable on a light page and on a dark one.

JupyterLab's theme, or the book's, sets the colours of text and background; any other page gets dark text on white. Text
is escaped, and shortened where it would leave its box; its tooltip then has the full text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

#: The width of one character of the monospaced font, as a fraction of the font size.
CHARACTER_WIDTH = 0.602
#: Characters that XML can't contain, not even escaped; a container's command may have any of them.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: A colour means the same in every picture. All have a medium brightness, to be visible on light and dark pages; text
#: has the page's own colour, since no colour is read well on both.
COLOURS = {
    "image": "#3b82f6",
    "running": "#2da44e",
    "stopped": "#8b949e",
    "network": "#9a6ee8",
    "volume": "#d9822b",
    "shared": "#1b9aaa",
    "error": "#e5484d",
}

_STYLE = """
.dd{--text:var(--jp-ui-font-color1,var(--pst-color-text-base,#1f2328));
--dim:var(--jp-ui-font-color2,var(--pst-color-text-muted,#59636e));
--page:var(--jp-layout-color1,var(--pst-color-background,#fff));
font-family:var(--jp-code-font-family,Menlo,Consolas,'DejaVu Sans Mono',monospace);max-width:100%;height:auto}
.dd text{fill:var(--text);font-size:12px;stroke:none}
.dd .dim{fill:var(--dim)}.dd .small{font-size:11px}.dd .head{font-weight:bold}
.dd .background{fill:var(--page);stroke:none}
.dd .line{fill:none;stroke:var(--dim);stroke-width:1.5}.dd .arrowhead{fill:var(--dim)}
""" + "\n".join(
    f".dd .{name}{{stroke:{colour};fill:{colour};fill-opacity:.13}}"
    f".dd text.{name}{{stroke:none;fill:var(--text);fill-opacity:1}}.dd .line.{name}{{fill:none}}"
    f".dd .arrowhead.{name},.dd .solid.{name}{{fill-opacity:1}}"
    for name, colour in COLOURS.items()
)


#: The class of a picture that shows nothing of the daemon's.
_EMPTY = "dd empty"


def is_empty(svg: str) -> bool:
    """Return whether a picture was rendered as empty."""
    return f'class="{_EMPTY}"' in svg.partition(">")[0]


def escape_text(text: str) -> str:
    """Return the text for use in a picture: on one line, without markup or characters that XML can't contain."""
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split())))


def display_width(text: str) -> int:
    """Return the width of a text in characters; a Chinese one counts as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def shorten(text: str, width: int, *, middle: bool = False) -> str:
    """Return the text in at most ``width`` characters; an ellipsis replaces its end, or with ``middle`` its middle."""
    text = " ".join(text.split())
    if display_width(text) <= width:
        return text
    tail_width = (width - 1) // 2 if middle else 0
    tail = _prefix(text[::-1], tail_width)[::-1]
    return _prefix(text, width - 1 - display_width(tail)) + "…" + tail


def _prefix(text: str, width: int) -> str:
    prefix = ""
    for character in text:
        if display_width(prefix + character) > width:
            break
        prefix += character
    return prefix


class SvgBuilder:
    """Collects shapes and renders them as one SVG picture.

    All coordinates and sizes are in pixels, from the upper left corner. ``style`` is one or more CSS classes: a name of
    :data:`COLOURS`, and for text also ``head``, ``small`` and ``dim``.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._elements: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        content: str,
        style: str = "",
        *,
        max_width: float = 0,
        anchor: str = "start",
        middle: bool = False,
    ) -> None:
        """Add text whose baseline starts at (x, y), or with another ``anchor`` ends there or is centred on it.

        Text longer than ``max_width`` is shortened, with ``middle`` in its middle.
        """
        font_size = 11 if "small" in style else 12
        width = int(max_width / (CHARACTER_WIDTH * font_size)) if max_width else len(content) * 2 + 2
        shown = shorten(content, max(width, 1), middle=middle)
        tooltip = f"<title>{escape_text(content)}</title>" if shown != " ".join(content.split()) else ""
        self._elements.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{style}">{escape_text(shown)}{tooltip}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, style: str, *, dashed: bool = False) -> None:
        """Add a rectangle with round corners."""
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        size = f'x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{max(height, 0):g}"'
        self._elements.append(f'<rect {size} rx="5" class="{style}"{dashes}/>')

    def bar(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """Add a bar of a bar chart."""
        self._elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" class="solid {style}"/>'
        )

    def line(self, points: Sequence[tuple[float, float]], style: str = "", *, dashed: bool = False) -> None:
        """Add a line through the points."""
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._elements.append(f'<polyline points="{path}" class="line {style}"{dashes}/>')

    def area(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """Add a filled area, such as the one below a curve."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._elements.append(f'<polygon points="{path}" class="{style}"/>')

    def arrow(self, points: Sequence[tuple[float, float]], style: str = "", *, dashed: bool = False) -> None:
        """Add a line through the points with an arrowhead at its end; its last segment must be parallel to an axis."""
        (before_x, before_y), (x, y) = points[-2:]
        direction = ((x > before_x) - (x < before_x), (y > before_y) - (y < before_y))
        base = (x - 8 * direction[0], y - 8 * direction[1])
        self.line([*points[:-1], base], style, dashed=dashed)
        corners = [(base[0] + 4 * side * direction[1], base[1] + 4 * side * direction[0]) for side in (1, -1)]
        path = " ".join(f"{corner_x:g},{corner_y:g}" for corner_x, corner_y in [(x, y), *corners])
        self._elements.append(f'<polygon points="{path}" class="arrowhead {style}"/>')

    def dot(self, x: float, y: float, style: str) -> None:
        """Add a filled dot, where two lines are connected."""
        self._elements.append(f'<circle cx="{x:g}" cy="{y:g}" r="4" class="solid {style}"/>')

    def embed(self, svg: str) -> None:
        """Add a rendered picture."""
        self._elements.append(svg)

    def render(self, height: float, description: str, *, empty: bool = False) -> str:
        """Return the picture as SVG; screen readers read ``description`` aloud.

        An ``empty`` picture has nothing of the daemon's to show; a live view then keeps the picture before it.
        """
        size = f'width="{self.width}" height="{height:g}" viewBox="0 0 {self.width} {height:g}"'
        label, style = escape_text(description), _EMPTY if empty else "dd"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="{style}" role="img" aria-label="{label}">'
            f'<style>{_STYLE}</style><rect width="100%" height="100%" class="background"/>'
            + "".join(self._elements)
            + "</svg>"
        )
