"""What a container uses against what it may use: two moving plots, and sliders that move the limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker.models.containers import Container

from drydock.views.container_usage import LENGTH, Gauge, Usage
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.limit_sliders import Limits

_WIDTH, _MARGIN, _TOP, _HEIGHT, _EACH = 920, 8, 62, 140, 440
_MB = 1 << 20


def limits(container: Container) -> Limits:
    """What a container uses, once a second; raises docker's ``NotFound`` when there is none any more."""
    gauge = Gauge(container)
    gauge.look()
    from drydock.views.limit_sliders import Limits

    return Limits(container, gauge)


@dataclass(frozen=True)
class _Plot:
    """One of the two plots: its numbers over time, the newest last, and what they are held against."""

    title: str
    numbers: Sequence[float]
    limit: float | None
    limit_text: str
    kind: str
    said: Callable[[float], str]


def draw(usage: Usage) -> str:
    """Memory on the left, processors on the right, each with its limit as a line, as SVG."""
    canvas = SvgBuilder(_WIDTH)
    canvas.text(_MARGIN, 18, f"{usage.name}: {usage.state}", "head" if usage.state == "runs" else "head bad", room=880)
    if usage.note:
        canvas.text(_MARGIN, _TOP + _HEIGHT + 40, usage.note, "bad", room=_WIDTH - 2 * _MARGIN)
    plots = (_memory(usage), _processors(usage))
    for place, plot in enumerate(plots):
        _draw_plot(canvas, _MARGIN + place * (_EACH + 24), plot)
    return canvas.svg(
        _TOP + _HEIGHT + (52 if usage.note else 26), "; ".join([usage.name, *(one.title for one in plots)])
    )


def _memory(usage: Usage) -> _Plot:
    numbers = [float(sample.memory) for sample in usage.samples]
    now = _megabytes(numbers[-1]) if numbers else "…"
    limit = usage.memory_limit
    text = f"limit {_megabytes(limit)}" if limit else "no limit"
    return _Plot(f"memory: {now}", numbers, limit, text, "image", _megabytes)


def _processors(usage: Usage) -> _Plot:
    numbers = [sample.cpus for sample in usage.samples]
    now = f"{numbers[-1]:.2f}" if numbers else "…"
    limit = usage.cpu_limit
    text = f"limit {limit:.2f}" if limit else f"no limit, and there {'is' if usage.cpus == 1 else 'are'} {usage.cpus}"
    return _Plot(f"processors: {now}", numbers, limit, text, "run", lambda number: f"{number:.2f}")


def _megabytes(number: float) -> str:
    """Bytes as those who set limits count them: ``--memory 64m`` is 64 times 1024 times 1024."""
    return f"{number / _MB:.3g} MB" if number < 1000 * _MB else f"{number / _MB / 1024:.3g} GB"


def _draw_plot(canvas: SvgBuilder, x: int, plot: _Plot) -> None:
    bottom = _TOP + _HEIGHT
    canvas.text(x, _TOP - 14, plot.title, room=_EACH / 2)
    canvas.text(x + _EACH, _TOP - 14, plot.limit_text, "bad" if plot.limit else "dim", anchor="end", room=_EACH / 2)
    canvas.box(x, _TOP, _EACH, _HEIGHT, "stop")
    highest = max([*plot.numbers, plot.limit or 0.0, 1e-9]) * 1.15
    points = [
        (x + _EACH * (LENGTH - len(plot.numbers) + place) / (LENGTH - 1), bottom - _HEIGHT * number / highest)
        for place, number in enumerate(plot.numbers)
    ]
    if points:
        canvas.area([(points[0][0], bottom), *points, (points[-1][0], bottom)], plot.kind)
        canvas.text(x + 6, _TOP + 13, plot.said(highest), "small dim")
    if plot.limit:
        level = bottom - _HEIGHT * plot.limit / highest
        canvas.line([(x, level), (x + _EACH, level)], "bad", dashed=True)
    canvas.text(x, bottom + 16, "a minute ago", "small dim")
    canvas.text(x + _EACH, bottom + 16, "now", "small dim", anchor="end")
