"""The layers of an image from the bottom up, what it shares with another, and what a container has written on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

import docker

from drydock.views.events import Clock, Events
from drydock.views.formatting import count, size
from drydock.views.image_history import Layer
from drydock.views.layer_stack import Stack, What, finder, of_container
from drydock.views.lazy_widget import live
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.live_view import Live

_WIDTH, _MARGIN = 920, 8
#: How long the bar of the biggest layer is; the same in each stack, so that they can be compared.
_BAR = 420
#: Of a tall stack so many rows are shown at its top and at its bottom; those between are counted.
_TOP, _BOTTOM = 14, 6
#: So many of the changes that a container made are told.
_CHANGES = 6
#: Writing makes no event, so a container is looked at so often; seconds.
_EVERY = 1.5


@dataclass(frozen=True)
class _Row:
    """One line of a stack: a layer has a size and a box in the colour of its kind, anything else only words."""

    text: str
    kind: str
    size: int | None = None
    details: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return 20 if self.size is None else 38 + 18 * len(self.details)


def layers(client: docker.DockerClient, what: What, beside: What | None = None) -> Live:
    """The layers of an image or a container (by name, or docker-py's own), perhaps beside those of another.

    Raises docker's ``NotFound`` or ``ImageNotFound`` for one that isn't there.
    """
    looks = [finder(client, one) for one in (what, beside) if one is not None]
    for look in looks:
        look()
    written = any(look.func is of_container for look in looks)
    return live(lambda: draw(*(look() for look in looks)), lambda: Clock(_EVERY) if written else Events(client))


def draw(stack: Stack, beside: Stack | None = None) -> str:
    """One stack of layers, or two that stand on what they share, as SVG."""
    canvas, width = SvgBuilder(_WIDTH), _WIDTH - 2 * _MARGIN
    biggest = max([layer.size for one in (stack, beside) if one for layer in one.image.layers] + [1])
    if beside is None:
        rows = _top(stack) + _rows(stack.image.history, "image")
        y = _draw_rows(canvas, _MARGIN, _MARGIN, width, rows, biggest)
        return canvas.svg(y + _MARGIN, rows[0].text)
    same = _same(stack, beside)
    columns = [_top(one) + _rows(one.image.layers[same:], "image") for one in (stack, beside)]
    half, ground = (width - 2 * _MARGIN) // 2, _MARGIN + max(map(_height, columns))
    for place, rows in enumerate(columns):
        _draw_rows(canvas, _MARGIN + place * (half + 2 * _MARGIN), ground - _height(rows), half, rows, biggest)
    shared = stack.image.layers[:same]
    told = f"shared, kept only once: {count(shared, 'layer')}, {size(sum(layer.size for layer in shared))}"
    below = [_Row(told if shared else "they share nothing", "head"), *_rows(shared, "shared")]
    y = _draw_rows(canvas, _MARGIN, ground + _MARGIN, width, below, biggest)
    return canvas.svg(y + _MARGIN, "; ".join(rows[0].text for rows in (*columns, below)))


def _same(one: Stack, other: Stack) -> int:
    """How many layers two have in common: a layer stands on those below it, so they count from the bottom."""
    pairs = zip(one.image.layers, other.image.layers, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].digest == pair[1].digest, pairs))


def _top(stack: Stack) -> list[_Row]:
    """What stands over the layers: the name, and the layer that a container writes into."""
    image, written = stack.image, stack.written
    if written is None:
        return [_Row(f"{stack.name}: {count(image.layers, 'layer')}, {size(image.size)}", "head")]
    more = len(written.changes) - _CHANGES
    changes = [*written.changes[:_CHANGES], *([f"and {more} more"] if more > 0 else [])]
    return [
        _Row(f"{stack.name}: what it has written stands on {image.name}", "head"),
        _Row(f"written by {stack.name}" if changes else "nothing is written yet", "run", written.size, tuple(changes)),
    ]


def _rows(history: Sequence[Layer], kind: str) -> list[_Row]:
    """The layers, the topmost first; lines that made none are told together, between those that did."""
    rows = []
    for makes, some in groupby(reversed(history), lambda layer: layer.digest is not None):
        if makes:
            rows += [_Row(layer.made_by or "a layer", kind, layer.size) for layer in some]
        else:
            rows.append(_Row("no layer: " + ", ".join(layer.made_by for layer in reversed(list(some))), "small dim"))
    hidden = rows[_TOP:-_BOTTOM]
    if len(hidden) <= 1:
        return rows
    total = sum(row.size or 0 for row in hidden)
    made = count(sum(row.size is not None for row in hidden), "layer")
    return [*rows[:_TOP], _Row(f"⋮ and {made} more here, {size(total)}", "dim"), *rows[-_BOTTOM:]]


def _height(rows: Iterable[_Row]) -> int:
    return sum(row.height for row in rows)


def _draw_rows(canvas: SvgBuilder, x: int, y: int, width: int, rows: Sequence[_Row], biggest: int) -> int:
    for row in rows:
        if row.size is None:
            canvas.text(x + 8, y + 14, row.text, row.kind, room=width - 16)
        else:
            _draw_layer(canvas, x, y, width, row, biggest)
        y += row.height
    return y


def _draw_layer(canvas: SvgBuilder, x: int, y: int, width: int, row: _Row, biggest: int) -> None:
    """A box with the line that made the layer and its size, and a bar: how much that is beside the biggest."""
    canvas.box(x, y, width, row.height - 4, row.kind, dashed=row.kind == "run")
    canvas.text(x + 8, y + 18, row.text, room=width - 110)
    canvas.text(x + width - 8, y + 18, size(row.size or 0), anchor="end")
    for place, detail in enumerate(row.details):
        canvas.text(x + 20, y + 36 + 18 * place, detail, "small", room=width - 30, middle=True)
    if row.size:
        canvas.bar(x + 8, y + row.height - 13, max(_BAR * row.size / biggest, 2), 4, row.kind)
