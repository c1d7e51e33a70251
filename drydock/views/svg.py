"""A sheet to draw boxes, words and arrows on, which becomes SVG: readable on a light page and on a dark one.

Colours come from JupyterLab where it shows the picture; anywhere else it has white paper. Words are escaped, and
cut where they would run out of their box; the whole is then in the tooltip.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

#: A letter's width, in parts of the font's size: the font's letters all have the same.
LETTER = 0.602
#: What XML can't hold, not even escaped; a container's command may have any of it.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Each kind of thing has one colour in all pictures; they are of a middle brightness, for either paper.
COLOURS = {
    "image": "#3b82f6",
    "run": "#2da44e",
    "stop": "#8b949e",
    "network": "#9a6ee8",
    "volume": "#d9822b",
    "shared": "#1b9aaa",
    "bad": "#e5484d",
}

_STYLE = """
.dd{--ink:var(--jp-ui-font-color1,#1f2328);--dim:var(--jp-ui-font-color2,#59636e);--paper:var(--jp-layout-color1,#fff);
font-family:var(--jp-code-font-family,Menlo,Consolas,'DejaVu Sans Mono',monospace);max-width:100%;height:auto}
.dd text{fill:var(--ink);font-size:12px;stroke:none}
.dd .dim{fill:var(--dim)}.dd .small{font-size:11px}.dd .head{font-weight:bold}
.dd .paper{fill:var(--paper);stroke:none}.dd .frame{fill:none}
.dd .line{fill:none;stroke:var(--dim);stroke-width:1.5}.dd .tip{fill:var(--dim)}
""" + "\n".join(
    f".dd .{kind}{{stroke:{colour};fill:{colour};fill-opacity:.13}}"
    f".dd text.{kind}{{stroke:none;fill:{colour};fill-opacity:1}}.dd .line.{kind}{{fill:none}}"
    f".dd .tip.{kind},.dd .full.{kind}{{fill-opacity:1}}"
    for kind, colour in COLOURS.items()
)


def clean(text: str) -> str:
    """Text that may stand in a picture: one line, no mark-up, nothing that XML can't hold."""
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split())))


def cells(text: str) -> int:
    """How many letters wide a text is; a Chinese one counts for two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def shorten(text: str, letters: int, *, middle: bool = False) -> str:
    """Text that fits into so many letters; what is left out, at the end or in the middle, becomes an ellipsis."""
    text = " ".join(text.split())
    if cells(text) <= letters:
        return text
    tail = (letters - 1) // 2 if middle else 0
    end = _first(text[::-1], tail)[::-1]
    return _first(text, letters - 1 - cells(end)) + "…" + end


def _first(text: str, letters: int) -> str:
    taken = ""
    for letter in text:
        if cells(taken + letter) > letters:
            break
        taken += letter
    return taken


class SvgBuilder:
    """The sheet. All measures are in pixels, from its upper left corner."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._drawn: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        content: str,
        kind: str = "",
        *,
        room: float = 0,
        anchor: str = "start",
        middle: bool = False,
    ) -> None:
        """Words whose base line begins at a point, or with another ``anchor`` ends there; cut to ``room``."""
        letters = int(room / (LETTER * (11 if "small" in kind else 12))) if room else len(content) * 2 + 2
        shown = shorten(content, max(letters, 1), middle=middle)
        tip = f"<title>{clean(content)}</title>" if shown != " ".join(content.split()) else ""
        self._drawn.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{clean(shown)}{tip}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, kind: str, *, dashed: bool = False) -> None:
        """A box in the colour of its kind."""
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        size = f'x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{max(height, 0):g}"'
        self._drawn.append(f'<rect {size} rx="5" class="{kind}"{dashes}/>')

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """A bar as long as a number is big."""
        self._drawn.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" class="full {kind}"/>')

    def line(self, points: Sequence[tuple[float, float]], kind: str = "", *, dashed: bool = False) -> None:
        """A line through points."""
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._drawn.append(f'<polyline points="{path}" class="line {kind}"{dashes}/>')

    def area(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """A filled area, as below a curve."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._drawn.append(f'<polygon points="{path}" class="{kind}"/>')

    def arrow(self, points: Sequence[tuple[float, float]], kind: str = "", *, dashed: bool = False) -> None:
        """A line through points with a tip at its end; the last stretch runs along an axis."""
        (before_x, before_y), (x, y) = points[-2:]
        along = ((x > before_x) - (x < before_x), (y > before_y) - (y < before_y))
        back = (x - 8 * along[0], y - 8 * along[1])
        self.line([*points[:-1], back], kind, dashed=dashed)
        sides = [(back[0] + 4 * side * along[1], back[1] + 4 * side * along[0]) for side in (1, -1)]
        path = " ".join(f"{one:g},{two:g}" for one, two in [(x, y), *sides])
        self._drawn.append(f'<polygon points="{path}" class="tip {kind}"/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        """A filled dot, where two lines are joined."""
        self._drawn.append(f'<circle cx="{x:g}" cy="{y:g}" r="4" class="full {kind}"/>')

    def inset(self, svg: str) -> None:
        """A finished picture in this one."""
        self._drawn.append(svg)

    def svg(self, height: float, about: str) -> str:
        """The finished picture; ``about`` is read aloud to who can't see it."""
        size = f'width="{self.width}" height="{height:g}" viewBox="0 0 {self.width} {height:g}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="dd" role="img" aria-label="{clean(about)}">'
            f'<style>{_STYLE}</style><rect width="100%" height="100%" class="paper"/>' + "".join(self._drawn) + "</svg>"
        )
