"""``views.steps``: build an image with BuildKit and draw its steps, their times and their cache hits."""

from __future__ import annotations

import os
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.core import platform
from drydock.errors import CommandFailed
from drydock.views.build_log import BuildLog, Step
from drydock.views.formatting import format_count
from drydock.views.progress_bar import progress
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.build_result import BuildResult

_WIDTH, _MARGIN, _HEAD, _ROW = 920, 8, 30, 30
#: docker-py's names for options of ``docker build``.
_DOCKER_PY_NAMES = {"buildargs": "build-arg", "dockerfile": "file", "labels": "label", "nocache": "no-cache"}
_COLOURS = {"cached": "shared", "done": "image", "failed": "error", "running": "stopped"}

Option = str | bool | Path | Sequence[str] | Mapping[str, str]


def steps(folder: str | Path, tag: str, **options: Option) -> BuildResult:
    """Build the folder's Dockerfile with ``docker build`` and return a picture of its steps.

    Options have the command line's names or docker-py's: ``no_cache=True``, ``target="test"``,
    ``buildargs={"NAME": "value"}``. Raises :class:`~drydock.errors.CommandFailed` with the last lines of output.
    """
    command = ["docker", "build", "--progress", "plain", "--tag", tag, *arguments(options), str(folder)]
    log, started = BuildLog(), time.monotonic()
    with progress(f"Building {tag}") as report:
        for line in run(command):
            log.read(line)
            done = sum(step.state != "running" for step in log.instructions)
            current = next((step.instruction for step in log.instructions if step.state == "running"), "")
            report(done, log.total, current)
    from drydock.views.build_result import BuildResult

    return BuildResult(draw(tag, log.instructions, log.other_seconds, time.monotonic() - started), log.steps)


def arguments(options: Mapping[str, Option]) -> Iterator[str]:
    """Yield the options as arguments of ``docker build``."""
    for name, value in options.items():
        flag = "--" + _DOCKER_PY_NAMES.get(name, name).replace("_", "-")
        if isinstance(value, Mapping):
            yield from (f"{flag}={key}={item}" for key, item in value.items())
        elif isinstance(value, bool):
            yield f"{flag}={str(value).lower()}"
        elif isinstance(value, str | Path):
            yield f"{flag}={value}"
        else:
            yield from (f"{flag}={item}" for item in value)


def run(command: Sequence[str]) -> Iterator[str]:
    """Run a command and yield its output line by line; raise :class:`CommandFailed` with the last lines if it fails.

    A caller that stops reading ends the command.
    """
    tail = deque[str](maxlen=40)
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    ) as process:
        try:
            for line in process.stdout or ():
                tail.append(line)
                yield line
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise CommandFailed(command, process.returncode, "".join(tail))


def environment() -> dict[str, str]:
    """Return our environment with BuildKit switched on, and with our buildx plug-in where this computer has none."""
    variables = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_COLORS": "", "NO_COLOR": "1"}
    if platform.supports_machines():
        from drydock.machine.artifacts import docker_cli

        variables |= docker_cli.environment()
    return variables


def draw(tag: str, instructions: Sequence[Step], other_seconds: float, seconds: float) -> str:
    """Return an SVG with a row for each instruction, and a bar whose length is the time it took."""
    canvas = SvgBuilder(_WIDTH)
    work = [step for step in instructions if not step.instruction.startswith("FROM ")]
    cached = sum(step.cached for step in work)
    title = f"{tag}: {format_count(work, 'step')} in {seconds:.1f} s, {cached or 'none'} from the cache"
    canvas.text(_MARGIN, _MARGIN + 14, title, "head", max_width=_WIDTH - 2 * _MARGIN)
    longest = max([step.seconds for step in instructions] + [other_seconds, 0.1])
    for index, step in enumerate(instructions):
        _draw_step(canvas, _HEAD + _MARGIN + index * _ROW, step, longest)
    y = _HEAD + _MARGIN + len(instructions) * _ROW
    canvas.text(_MARGIN + 100, y + 16, "sending the build context, writing the image", "small dim")
    _draw_time(canvas, y, "stopped", other_seconds, longest)
    return canvas.render(y + _ROW + _MARGIN, title)


def _draw_step(canvas: SvgBuilder, y: int, step: Step, longest: float) -> None:
    stage = f"{step.stage} " if step.stage else ""
    canvas.text(_MARGIN, y + 16, f"{stage}{step.number}/{step.total}", "dim", max_width=92, middle=True)
    canvas.text(_MARGIN + 100, y + 16, step.instruction, max_width=470)
    if step.cached:
        canvas.box(_MARGIN + 590, y + 2, 120, 20, "shared")
        canvas.text(_MARGIN + 650, y + 16, "from the cache", "small", anchor="middle")
    else:
        _draw_time(canvas, y, _COLOURS[step.state], step.seconds, longest)


def _draw_time(canvas: SvgBuilder, y: int, style: str, seconds: float, longest: float) -> None:
    canvas.bar(_MARGIN + 590, y + 5, max(230 * seconds / longest, 2), 14, style)
    canvas.text(_WIDTH - _MARGIN, y + 16, f"{seconds:.1f} s", anchor="end")
