"""Builds an image with BuildKit, and shows its steps: what each took, and what came from the cache."""

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
from drydock.views.formatting import count
from drydock.views.progress_bar import progress
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.build_result import Steps

_WIDTH, _MARGIN, _HEAD, _ROW = 920, 8, 30, 30
#: docker-py's names of options, for those who know them.
_NAMES = {"buildargs": "build-arg", "dockerfile": "file", "labels": "label", "nocache": "no-cache"}
_KINDS = {"cached": "shared", "done": "image", "failed": "bad", "runs": "stop"}

Option = str | bool | Path | Sequence[str] | Mapping[str, str]


def steps(folder: str | Path, tag: str, **options: Option) -> Steps:
    """Build the folder's Dockerfile as ``docker build`` does, and show how that went.

    Options are those of the command line or of docker-py: ``no_cache=True``, ``target="test"``,
    ``buildargs={"NAME": "value"}``. Raises :class:`~drydock.errors.CommandFailed` with the build's last words.
    """
    words = ["docker", "build", "--progress", "plain", "--tag", tag, *arguments(options), str(folder)]
    log, began = BuildLog(), time.monotonic()
    with progress(f"Building {tag}") as tell:
        for line in run(words):
            log.read(line)
            done = sum(step.state != "runs" for step in log.lines)
            tell(done, log.total, next((step.line for step in log.lines if step.state == "runs"), ""))
    from drydock.views.build_result import Steps

    return Steps(draw(tag, log.lines, log.rest, time.monotonic() - began), log.steps)


def arguments(options: Mapping[str, Option]) -> Iterator[str]:
    """The options as ``docker build`` wants them."""
    for name, value in options.items():
        flag = "--" + _NAMES.get(name, name).replace("_", "-")
        if isinstance(value, Mapping):
            yield from (f"{flag}={key}={one}" for key, one in value.items())
        elif isinstance(value, bool):
            yield f"{flag}={str(value).lower()}"
        elif isinstance(value, str | Path):
            yield f"{flag}={value}"
        else:
            yield from (f"{flag}={one}" for one in value)


def run(words: Sequence[str]) -> Iterator[str]:
    """What a program tells, line by line; raises :class:`CommandFailed` with the last lines when it fails."""
    last = deque[str](maxlen=40)
    with subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        try:
            for line in process.stdout or ():
                last.append(line)
                yield line
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise CommandFailed(words, process.returncode, "".join(last))


def environment() -> dict[str, str]:
    """Our environment, with BuildKit switched on, and where this computer's docker has none, with ours beside it."""
    variables = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_COLORS": "", "NO_COLOR": "1"}
    if platform.is_possible():
        from drydock.machine.artifacts import docker_cli

        variables |= docker_cli.environment()
    return variables


def draw(tag: str, lines: Sequence[Step], rest: float, seconds: float) -> str:
    """A row for each line of the Dockerfile, with a bar as long as it took, as SVG."""
    canvas = SvgBuilder(_WIDTH)
    work = [step for step in lines if not step.line.startswith("FROM ")]
    cached = sum(step.cached for step in work)
    about = f"{tag}: {count(work, 'step')} in {seconds:.1f} s, {cached or 'none'} from the cache"
    canvas.text(_MARGIN, _MARGIN + 14, about, "head", room=_WIDTH - 2 * _MARGIN)
    longest = max([step.seconds for step in lines] + [rest, 0.1])
    for place, step in enumerate(lines):
        _draw_step(canvas, _HEAD + _MARGIN + place * _ROW, step, longest)
    y = _HEAD + _MARGIN + len(lines) * _ROW
    canvas.text(_MARGIN + 100, y + 16, "sending the folder, writing the image", "small dim")
    _draw_time(canvas, y, "stop", rest, longest)
    return canvas.svg(y + _ROW + _MARGIN, about)


def _draw_step(canvas: SvgBuilder, y: int, step: Step, longest: float) -> None:
    stage = f"{step.stage} " if step.stage else ""
    canvas.text(_MARGIN, y + 16, f"{stage}{step.number}/{step.total}", "dim", room=92, middle=True)
    canvas.text(_MARGIN + 100, y + 16, step.line, room=470)
    if step.cached:
        canvas.box(_MARGIN + 590, y + 2, 120, 20, "shared")
        canvas.text(_MARGIN + 650, y + 16, "from the cache", "small", anchor="middle")
    else:
        _draw_time(canvas, y, _KINDS[step.state], step.seconds, longest)


def _draw_time(canvas: SvgBuilder, y: int, kind: str, seconds: float, longest: float) -> None:
    canvas.bar(_MARGIN + 590, y + 5, max(230 * seconds / longest, 2), 14, kind)
    canvas.text(_WIDTH - _MARGIN, y + 16, f"{seconds:.1f} s", anchor="end")
