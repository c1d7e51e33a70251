"""The circle of the notes, with yours on it: IMAGE, run, CONTAINER, it stops, commit, IMAGE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import docker

from drydock.views.events import Events
from drydock.views.formatting import count, size
from drydock.views.lazy_widget import live
from drydock.views.snapshot import Container, Image, Snapshot, take
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.live_view import Live

_WIDTH, _MARGIN, _HEAD, _CHIP = 920, 8, 30, 40
#: A panel has room for two columns of names like drydock/busybox:1.37.
_PANEL = 364
_RIGHT = _WIDTH - _MARGIN - _PANEL
#: More than these of one kind are counted, not shown.
_MOST = 12


@dataclass(frozen=True)
class _Panel:
    """One station of the circle, and where it stands."""

    title: str
    kind: str
    x: int
    width: int
    chips: Sequence[tuple[str, str]]
    empty: str

    @property
    def columns(self) -> int:
        return 1 if len(self.chips) <= 4 else 2

    @property
    def height(self) -> int:
        shown = min(len(self.chips), _MOST)
        more = 18 if len(self.chips) > _MOST else 0
        return _HEAD + max(-(-shown // self.columns) * (_CHIP + 6), 26) + more + 6

    def draw(self, canvas: SvgBuilder, y: int) -> None:
        canvas.box(self.x, y, self.width, self.height, self.kind)
        canvas.text(self.x + 10, y + 20, self.title, f"head {self.kind}")
        if not self.chips:
            canvas.text(self.x + 10, y + 44, self.empty, "small dim", room=self.width - 20)
        room = (self.width - 10) // self.columns
        for place, (name, about) in enumerate(self.chips[:_MOST]):
            left = self.x + 8 + place % self.columns * room
            top = y + _HEAD + place // self.columns * (_CHIP + 6)
            canvas.box(left, top, room - 6, _CHIP, self.kind)
            canvas.text(left + 8, top + 16, name, "", room=room - 22, middle=True)
            canvas.text(left + 8, top + 32, about, "small dim", room=room - 22, middle=True)
        if len(self.chips) > _MOST:
            canvas.text(self.x + 10, y + self.height - 9, f"and {len(self.chips) - _MOST} more", "small dim")


def lifecycle(client: docker.DockerClient, label: str | None = None) -> Live:
    """The life of containers, kept up to date; with a ``label``, of those that carry it."""
    return live(lambda: draw(take(client, label)), lambda: Events(client))


def draw(snapshot: Snapshot) -> str:
    """The circle as SVG."""
    running = [one for one in snapshot.containers if one.runs]
    stopped = [one for one in snapshot.containers if not one.runs]
    images = _Panel("IMAGE", "image", _MARGIN, _PANEL, [_image(one) for one in snapshot.images], "none")
    runs = _Panel("CONTAINER, with a process", "run", _RIGHT, _PANEL, [_alive(one) for one in running], "none runs")
    ended = _Panel("STOPPED CONTAINER", "stop", _RIGHT, _PANEL, [_ended(one) for one in stopped], "none")
    canvas = SvgBuilder(_WIDTH)
    below = max(images.height, runs.height) + _MARGIN + 76
    for panel, y in ((images, _MARGIN), (runs, _MARGIN), (ended, below)):
        panel.draw(canvas, y)
    _arrows(canvas, images, runs, below, below + ended.height)
    about = ", ".join([count(images.chips, "image"), f"{len(running)} running", f"{len(stopped)} stopped"])
    return canvas.svg(below + ended.height + 34, f"The life of containers: {about}")


def _arrows(canvas: SvgBuilder, images: _Panel, runs: _Panel, below: int, bottom: int) -> None:
    """What leads from one station to the next."""
    top, right, middle = _MARGIN + 40, images.x + images.width, runs.x + runs.width // 2
    canvas.arrow([(right + 4, top), (runs.x - 4, top)])
    canvas.text((right + runs.x) / 2, top - 8, "run", anchor="middle")
    canvas.arrow([(middle - 40, _MARGIN + runs.height + 3), (middle - 40, below - 3)])
    canvas.text(middle - 48, below - 24, "stop, kill, or its end", "small", anchor="end")
    canvas.arrow([(middle + 40, below - 3), (middle + 40, _MARGIN + runs.height + 3)])
    canvas.text(middle + 50, below - 24, "start", "small")
    canvas.arrow([(runs.x - 4, below + 24), (190, below + 24), (190, _MARGIN + images.height + 3)])
    canvas.text((190 + runs.x) / 2, below + 16, "commit", anchor="middle")
    canvas.arrow([(60, _MARGIN + images.height + 3), (60, _MARGIN + images.height + 40)], dashed=True)
    canvas.text(60, _MARGIN + images.height + 56, "rmi: gone", "small dim", anchor="middle")
    canvas.arrow([(middle, bottom + 3), (middle, bottom + 24)], dashed=True)
    canvas.text(middle + 12, bottom + 20, "rm: gone", "small dim")


def _image(image: Image) -> tuple[str, str]:
    names = f", {len(image.tags)} names" if len(image.tags) > 1 else "" if image.tags else ", no name"
    return image.name, f"{size(image.size)}, {count(image.layers, 'layer')}{names}"


def _alive(container: Container) -> tuple[str, str]:
    state = "" if container.state == "running" else f"{container.state}, "
    return container.name, f"{state}from {container.image}"


def _ended(container: Container) -> tuple[str, str]:
    state = f"exit code {container.exit_code}" if container.exit_code is not None else container.state
    return container.name, f"{'never started' if state == 'created' else state}, from {container.image}"
