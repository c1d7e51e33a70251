"""``views.limits``: plots of a container's memory and CPU usage with its limits, and sliders that change the limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drydock.views.container_usage import SAMPLE_COUNT, Usage, UsageSampler
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from docker.models.containers import Container

    from drydock.views.limit_sliders import LimitSliders

_WIDTH, _MARGIN, _TOP, _HEIGHT, _PLOT_WIDTH = 920, 8, 62, 140, 440
_MB = 1 << 20


def limits(container: Container) -> LimitSliders:
    """Return plots of a container's usage, updated every second, with a slider for each limit.

    Raises docker's ``NotFound`` if the container was removed.
    """
    sampler = UsageSampler(container)
    sampler.sample()
    from drydock.views.limit_sliders import LimitSliders

    return LimitSliders(container, sampler)


@dataclass(frozen=True)
class _Plot:
    """One plot: its values over time, the latest last, and their limit."""

    title: str
    values: Sequence[float]
    limit: float | None
    limit_text: str
    colour: str
    format: Callable[[float], str]


def draw(usage: Usage) -> str:
    """Return an SVG with a memory plot and a CPU plot, each with its limit as a dashed line."""
    canvas = SvgBuilder(_WIDTH)
    style = "head" if usage.state == "running" else "head error"
    canvas.text(_MARGIN, 18, f"{usage.name}: {usage.state}", style, max_width=880)
    if usage.error:
        canvas.text(_MARGIN, _TOP + _HEIGHT + 40, usage.error, "error", max_width=_WIDTH - 2 * _MARGIN)
    plots = (_memory_plot(usage), _cpu_plot(usage))
    for index, plot in enumerate(plots):
        _draw_plot(canvas, _MARGIN + index * (_PLOT_WIDTH + 24), plot)
    height = _TOP + _HEIGHT + (52 if usage.error else 26)
    return canvas.render(height, "; ".join([usage.name, *(plot.title for plot in plots)]))


def _memory_plot(usage: Usage) -> _Plot:
    values = [float(sample.memory) for sample in usage.samples]
    current = _megabytes(values[-1]) if values else "…"
    limit = usage.memory_limit
    text = f"limit {_megabytes(limit)}" if limit else "no limit"
    return _Plot(f"memory: {current}", values, limit, text, "image", _megabytes)


def _cpu_plot(usage: Usage) -> _Plot:
    values = [sample.cpus for sample in usage.samples]
    current = f"{values[-1]:.2f}" if values else "…"
    limit = usage.cpu_limit
    text = f"limit {limit:.2f}" if limit else f"no limit; {usage.cpus} available"
    return _Plot(f"CPUs: {current}", values, limit, text, "running", lambda value: f"{value:.2f}")


def _megabytes(number: float) -> str:
    """Return bytes in the units of ``--memory 64m``, which is 64 times 1024 times 1024."""
    return f"{number / _MB:.3g} MB" if number < 1000 * _MB else f"{number / _MB / 1024:.3g} GB"


def _draw_plot(canvas: SvgBuilder, x: int, plot: _Plot) -> None:
    bottom = _TOP + _HEIGHT
    canvas.text(x, _TOP - 14, plot.title, max_width=_PLOT_WIDTH / 2)
    limit_style = "error" if plot.limit else "dim"
    canvas.text(x + _PLOT_WIDTH, _TOP - 14, plot.limit_text, limit_style, anchor="end", max_width=_PLOT_WIDTH / 2)
    canvas.box(x, _TOP, _PLOT_WIDTH, _HEIGHT, "stopped")
    highest = max([*plot.values, plot.limit or 0.0, 1e-9]) * 1.15
    first = SAMPLE_COUNT - len(plot.values)
    points = [
        (x + _PLOT_WIDTH * (first + index) / (SAMPLE_COUNT - 1), bottom - _HEIGHT * value / highest)
        for index, value in enumerate(plot.values)
    ]
    if points:
        canvas.area([(points[0][0], bottom), *points, (points[-1][0], bottom)], plot.colour)
        canvas.text(x + 6, _TOP + 13, plot.format(highest), "small dim")
    if plot.limit:
        y = bottom - _HEIGHT * plot.limit / highest
        canvas.line([(x, y), (x + _PLOT_WIDTH, y)], "error", dashed=True)
    canvas.text(x, bottom + 16, "a minute ago", "small dim")
    canvas.text(x + _PLOT_WIDTH, bottom + 16, "now", "small dim", anchor="end")
