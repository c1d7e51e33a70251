"""The report as a picture: a bar for each check, in an SVG file that any browser shows."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from autograder.reporting.report import Line
from autograder.verdict import Outcome

#: People who see no red or green can distinguish them, too: from dark to light, always in the same order.
_COLOURS: dict[Outcome, str] = {"passed": "#1a7f37", "failed": "#e5534b", "skipped": "#d0d7de", "error": "#f2cc60"}
_WIDTH, _LEFT, _BAR, _ROW, _TOP = 760, 150, 470, 34, 76
_INK, _QUIET = "#1f2328", "#59636e"


def svg(assignment: str, lines: Sequence[Line]) -> str:
    """Return the picture as text."""
    height = _TOP + _ROW * len(lines) + 16
    size = {"width": str(_WIDTH), "height": str(height), "viewBox": f"0 0 {_WIDTH} {height}"}
    root = Xml.Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "font-family": "system-ui, sans-serif", "role": "img"}
    )
    title = f"{assignment}: points per check, {lines[0].total if lines else 0} submissions"
    Xml.SubElement(root, "title").text = title
    Xml.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    _text(root, 16, 30, title, size=18, weight="600")
    _legend(root)
    for place, line in enumerate(lines):
        _row(root, _TOP + _ROW * place, line)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode") + "\n"


def _legend(root: Xml.Element) -> None:
    at = _LEFT
    for outcome, colour in _COLOURS.items():
        Xml.SubElement(root, "rect", _box(at, 46, 12, 12, colour))
        _text(root, at + 18, 56, outcome, colour=_QUIET)
        at += 92


def _row(root: Xml.Element, top: int, line: Line) -> None:
    _text(root, _LEFT - 12, top + 16, line.check.id.partition(".")[2], anchor="end")
    at = float(_LEFT)
    for outcome, colour in _COLOURS.items():
        count = line.outcomes[outcome]
        width = _BAR * count / line.total if line.total else 0
        if width:
            bar = Xml.SubElement(root, "rect", _box(at, top, width, 22, colour))
            Xml.SubElement(bar, "title").text = f"{line.check.line} {outcome}: {count} of {line.total}"
        if width > 24:
            inside = "#ffffff" if outcome in ("passed", "failed") else _INK
            _text(root, at + width / 2, top + 16, str(count), anchor="middle", colour=inside)
        at += width
    _text(root, _LEFT + _BAR + 12, top + 16, f"{line.average:.1f} of {line.check.points:g} points", colour=_QUIET)


def _box(left: float, top: float, width: float, height: float, colour: str) -> dict[str, str]:
    numbers = {"x": left, "y": top, "width": width, "height": height}
    return {**{name: f"{number:g}" for name, number in numbers.items()}, "fill": colour}


def _text(
    root: Xml.Element,
    left: float,
    top: float,
    words: str,
    *,
    size: int = 13,
    weight: str = "400",
    anchor: str = "start",
    colour: str = _INK,
) -> None:
    look = {"font-size": str(size), "font-weight": weight, "text-anchor": anchor, "fill": colour}
    Xml.SubElement(root, "text", {"x": f"{left:g}", "y": f"{top:g}", **look}).text = words
