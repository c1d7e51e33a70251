"""``views.lifecycle``: the life cycle of containers, from an image through run, stop and commit to an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drydock.views.events import Events
from drydock.views.formatting import format_count, format_size
from drydock.views.lazy_view import create_live_view
from drydock.views.snapshot import Container, Image, Snapshot, take_snapshot
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    import docker

    from drydock.views.live_view import LiveView

_WIDTH, _MARGIN, _HEAD, _ITEM_HEIGHT = 920, 8, 30, 40
#: Wide enough for two columns of names like drydock/busybox:1.37.
_PANEL_WIDTH = 364
_RIGHT = _WIDTH - _MARGIN - _PANEL_WIDTH
#: The most items drawn in a panel; the others are only counted.
_MOST_ITEMS = 12


@dataclass(frozen=True)
class _Panel:
    """One state of the life cycle: its position, and the items in that state as (name, description)."""

    title: str
    colour: str
    x: int
    width: int
    items: Sequence[tuple[str, str]]
    empty_text: str

    @property
    def columns(self) -> int:
        return 1 if len(self.items) <= 4 else 2

    @property
    def height(self) -> int:
        shown = min(len(self.items), _MOST_ITEMS)
        footer = 18 if len(self.items) > _MOST_ITEMS else 0
        return _HEAD + max(-(-shown // self.columns) * (_ITEM_HEIGHT + 6), 26) + footer + 6

    def draw(self, canvas: SvgBuilder, y: int) -> None:
        canvas.box(self.x, y, self.width, self.height, self.colour)
        canvas.text(self.x + 10, y + 20, self.title, f"head {self.colour}")
        if not self.items:
            canvas.text(self.x + 10, y + 44, self.empty_text, "small dim", max_width=self.width - 20)
        width = (self.width - 10) // self.columns
        for index, (name, description) in enumerate(self.items[:_MOST_ITEMS]):
            x = self.x + 8 + index % self.columns * width
            top = y + _HEAD + index // self.columns * (_ITEM_HEIGHT + 6)
            canvas.box(x, top, width - 6, _ITEM_HEIGHT, self.colour)
            canvas.text(x + 8, top + 16, name, "", max_width=width - 22, middle=True)
            canvas.text(x + 8, top + 32, description, "small dim", max_width=width - 22)
        if len(self.items) > _MOST_ITEMS:
            more = f"and {len(self.items) - _MOST_ITEMS} more"
            canvas.text(self.x + 10, y + self.height - 9, more, "small dim")


def lifecycle(client: docker.DockerClient, label: str | None = None) -> LiveView:
    """Return a live picture of the life cycle of containers; with a ``label``, of containers that have it."""
    return create_live_view(lambda: draw(take_snapshot(client, label)), lambda: Events(client))


def draw(snapshot: Snapshot) -> str:
    """Return the life cycle as SVG."""
    running = [_running_item(container) for container in snapshot.containers if container.has_process]
    stopped = [_stopped_item(container) for container in snapshot.containers if not container.has_process]
    images = [_image_item(image) for image in snapshot.images]
    image_panel = _Panel("IMAGE", "image", _MARGIN, _PANEL_WIDTH, images, "none")
    running_panel = _Panel("RUNNING CONTAINER", "running", _RIGHT, _PANEL_WIDTH, running, "none")
    stopped_panel = _Panel("STOPPED CONTAINER", "stopped", _RIGHT, _PANEL_WIDTH, stopped, "none")
    canvas = SvgBuilder(_WIDTH)
    below = max(image_panel.height, running_panel.height) + _MARGIN + 76
    for panel, y in ((image_panel, _MARGIN), (running_panel, _MARGIN), (stopped_panel, below)):
        panel.draw(canvas, y)
    _draw_arrows(canvas, image_panel, running_panel, below, below + stopped_panel.height)
    counts = ", ".join([format_count(images, "image"), f"{len(running)} running", f"{len(stopped)} stopped"])
    description = f"The life cycle of containers: {counts}"
    return canvas.render(below + stopped_panel.height + 34, description, empty=not (images or running or stopped))


def _draw_arrows(canvas: SvgBuilder, images: _Panel, running: _Panel, below: int, bottom: int) -> None:
    """Draw the commands that lead from one state to another."""
    top, right, middle = _MARGIN + 40, images.x + images.width, running.x + running.width // 2
    canvas.arrow([(right + 4, top), (running.x - 4, top)])
    canvas.text((right + running.x) / 2, top - 8, "run", anchor="middle")
    canvas.arrow([(middle - 40, _MARGIN + running.height + 3), (middle - 40, below - 3)])
    canvas.text(middle - 48, below - 24, "stop, kill, or exit", "small", anchor="end")
    canvas.arrow([(middle + 40, below - 3), (middle + 40, _MARGIN + running.height + 3)])
    canvas.text(middle + 50, below - 24, "start", "small")
    canvas.arrow([(running.x - 4, below + 24), (190, below + 24), (190, _MARGIN + images.height + 3)])
    canvas.text((190 + running.x) / 2, below + 16, "commit", anchor="middle")
    canvas.arrow([(60, _MARGIN + images.height + 3), (60, _MARGIN + images.height + 40)], dashed=True)
    canvas.text(60, _MARGIN + images.height + 56, "rmi: removed", "small dim", anchor="middle")
    canvas.arrow([(middle, bottom + 3), (middle, bottom + 24)], dashed=True)
    canvas.text(middle + 12, bottom + 20, "rm: removed", "small dim")


def _image_item(image: Image) -> tuple[str, str]:
    tags = f", {len(image.tags)} tags" if len(image.tags) > 1 else "" if image.tags else ", no tag"
    return image.name, f"{format_size(image.size)}, {format_count(image.layers, 'layer')}{tags}"


def _running_item(container: Container) -> tuple[str, str]:
    state = "" if container.state == "running" else f"{container.state}, "
    return container.name, f"{state}from {container.image}"


def _stopped_item(container: Container) -> tuple[str, str]:
    state = f"exit code {container.exit_code}" if container.exit_code is not None else container.state
    return container.name, f"{'never started' if state == 'created' else state}, from {container.image}"
