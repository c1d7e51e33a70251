"""``views.layers``: the layers of an image or a container, alone or compared with another's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from drydock.views.events import Events, Interval
from drydock.views.formatting import format_count, format_size
from drydock.views.image_history import Layer
from drydock.views.layer_stack import LayerStack, loader, of_container
from drydock.views.lazy_view import create_live_view
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    import docker

    from drydock.views.layer_stack import ImageOrContainer
    from drydock.views.live_view import LiveView

_WIDTH, _MARGIN = 920, 8
#: The length of the largest layer's bar: the same in both stacks, so that they can be compared.
_BAR_LENGTH = 420
#: The rows shown at the top and at the bottom of a tall stack; those between are only counted.
_TOP_ROWS, _BOTTOM_ROWS = 14, 6
#: The most changes listed of a container's writable layer.
_MOST_CHANGES = 6
#: Writing a file causes no event, so a container is inspected at this interval; seconds.
_INTERVAL = 1.5


@dataclass(frozen=True)
class _Row:
    """One row of a stack: a layer, which has a size and a box, or only text (``size`` None)."""

    text: str
    style: str
    size: int | None = None
    details: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return 20 if self.size is None else 38 + 18 * len(self.details)


def layers(client: docker.DockerClient, target: ImageOrContainer, beside: ImageOrContainer | None = None) -> LiveView:
    """Return a picture of the layers of an image or a container (a name, or docker-py's object).

    With ``beside``, the layers of both, with those they share drawn once. Raises docker's ``NotFound`` or
    ``ImageNotFound`` for one that does not exist.
    """
    loaders = [loader(client, each) for each in (target, beside) if each is not None]
    for load in loaders:
        load()
    has_container = any(load.func is of_container for load in loaders)
    return create_live_view(
        lambda: draw(*(load() for load in loaders)), lambda: Interval(_INTERVAL) if has_container else Events(client)
    )


def draw(stack: LayerStack, beside: LayerStack | None = None) -> str:
    """Return an SVG of one stack of layers, or of two on top of the layers that they share."""
    canvas, width = SvgBuilder(_WIDTH), _WIDTH - 2 * _MARGIN
    stacks = [stack] if beside is None else [stack, beside]
    largest = max([layer.size for each in stacks for layer in each.image.layers] + [1])
    if beside is None:
        rows = _top_rows(stack) + _layer_rows(stack.image.history, "image")
        y = _draw_rows(canvas, _MARGIN, _MARGIN, width, rows, largest)
        return canvas.render(y + _MARGIN, rows[0].text)
    shared_count = _count_shared(stack, beside)
    columns = [_top_rows(each) + _layer_rows(each.image.layers[shared_count:], "image") for each in stacks]
    half, base = (width - 2 * _MARGIN) // 2, _MARGIN + max(map(_height, columns))
    for index, rows in enumerate(columns):
        _draw_rows(canvas, _MARGIN + index * (half + 2 * _MARGIN), base - _height(rows), half, rows, largest)
    rows = _shared_rows(stack.image.layers[:shared_count])
    y = _draw_rows(canvas, _MARGIN, base + _MARGIN, width, rows, largest)
    return canvas.render(y + _MARGIN, "; ".join(column[0].text for column in (*columns, rows)))


def _count_shared(stack: LayerStack, other: LayerStack) -> int:
    """Return the number of layers that two stacks share, from the bottom: a layer depends on all those below it."""
    pairs = zip(stack.image.layers, other.image.layers, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].digest == pair[1].digest, pairs))


def _shared_rows(shared: Sequence[Layer]) -> list[_Row]:
    if not shared:
        return [_Row("no shared layers", "head")]
    size = format_size(sum(layer.size for layer in shared))
    return [
        _Row(f"shared, stored once: {format_count(shared, 'layer')}, {size}", "head"),
        *_layer_rows(shared, "shared"),
    ]


def _top_rows(stack: LayerStack) -> list[_Row]:
    """Return the rows above the image's layers: the name, and a container's writable layer."""
    image, writable = stack.image, stack.writable
    if writable is None:
        return [_Row(f"{stack.name}: {format_count(image.layers, 'layer')}, {format_size(image.size)}", "head")]
    more = len(writable.changes) - _MOST_CHANGES
    changes = [*writable.changes[:_MOST_CHANGES], *([f"and {more} more"] if more > 0 else [])]
    title = "writable layer" if changes else "writable layer: nothing written yet"
    return [
        _Row(f"{stack.name}: a container of {image.name}", "head"),
        _Row(title, "running", writable.size, tuple(changes)),
    ]


def _layer_rows(history: Sequence[Layer], style: str) -> list[_Row]:
    """Return the rows of the layers, the topmost first; instructions between them without a layer share a row."""
    rows = []
    for has_layer, group in groupby(reversed(history), lambda layer: layer.digest is not None):
        if has_layer:
            rows += [_Row(layer.created_by or "a layer", style, layer.size) for layer in group]
        else:
            rows.append(
                _Row("no layer: " + ", ".join(entry.created_by for entry in reversed(list(group))), "small dim")
            )
    hidden = rows[_TOP_ROWS:-_BOTTOM_ROWS]
    if len(hidden) <= 1:
        return rows
    size = format_size(sum(row.size or 0 for row in hidden))
    count = format_count(sum(row.size is not None for row in hidden), "layer")
    return [*rows[:_TOP_ROWS], _Row(f"⋮ and {count} more here, {size}", "dim"), *rows[-_BOTTOM_ROWS:]]


def _height(rows: Iterable[_Row]) -> int:
    return sum(row.height for row in rows)


def _draw_rows(canvas: SvgBuilder, x: int, y: int, width: int, rows: Sequence[_Row], largest: int) -> int:
    """Draw the rows from y downwards, and return the y below the last one."""
    for row in rows:
        if row.size is None:
            canvas.text(x + 8, y + 14, row.text, row.style, max_width=width - 16)
        else:
            _draw_layer(canvas, x, y, width, row, largest)
        y += row.height
    return y


def _draw_layer(canvas: SvgBuilder, x: int, y: int, width: int, row: _Row, largest: int) -> None:
    """Draw a layer: a box with its instruction and size, and a bar that compares its size with the largest one's."""
    canvas.box(x, y, width, row.height - 4, row.style, dashed=row.style == "running")
    canvas.text(x + 8, y + 18, row.text, max_width=width - 110)
    canvas.text(x + width - 8, y + 18, format_size(row.size or 0), anchor="end")
    for index, detail in enumerate(row.details):
        canvas.text(x + 20, y + 36 + 18 * index, detail, "small", max_width=width - 30, middle=True)
    if row.size:
        canvas.bar(x + 8, y + row.height - 13, max(_BAR_LENGTH * row.size / largest, 2), 4, row.style)
