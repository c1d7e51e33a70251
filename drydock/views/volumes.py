"""``views.volumes``: volumes and bind mounts, the containers that mount them, and which are unused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drydock.views.events import Events
from drydock.views.formatting import format_count
from drydock.views.lazy_view import create_live_view
from drydock.views.snapshot import Container, Mount, Snapshot, take_snapshot
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    import docker

    from drydock.views.live_view import LiveView

_WIDTH, _LEFT, _ROW = 920, 330, 46


@dataclass(frozen=True)
class _Source:
    """What can be mounted (a volume, a folder of the host, a tmpfs) and the containers that mount it.

    ``hidden_users`` counts containers that use it and are not in the picture.
    """

    name: str
    description: str
    colour: str
    mounts: tuple[tuple[Container, Mount], ...]
    hidden_users: int = 0

    @property
    def is_used(self) -> bool:
        return bool(self.mounts or self.hidden_users)

    @property
    def height(self) -> int:
        return max(len(self.mounts) + (self.hidden_users > 0), 1) * _ROW


def volumes(client: docker.DockerClient, label: str | None = None) -> LiveView:
    """Return a live picture of volumes; with a ``label``, only those with it, or mounted in containers that have it."""
    return create_live_view(lambda: draw(take_snapshot(client, label)), lambda: Events(client))


def draw(snapshot: Snapshot) -> str:
    """Return an SVG with volumes and bind mounts on the left, and the containers that mount them on the right."""
    sources = [*_volumes(snapshot), *_other_sources(snapshot)]
    canvas = SvgBuilder(_WIDTH)
    y = 8
    for source in sources:
        _draw_source(canvas, y, source)
        y += source.height + 10
    if not sources:
        canvas.text(12, y + 20, "no volumes", "dim")
        y += 32
    unused = sum(not source.is_used for source in sources)
    return canvas.render(y, f"{format_count(sources, 'volume')}, {unused} unused", empty=not sources)


def _volumes(snapshot: Snapshot) -> Iterator[_Source]:
    for volume in snapshot.volumes:
        mounts = _mounts(snapshot, volume.name)
        visible = {container.name for container, _ in mounts}
        description = "anonymous volume" if volume.anonymous else "volume"
        description += "" if volume.driver == "local" else f", driver {volume.driver}"
        yield _Source(volume.name, description, "volume", mounts, len(set(volume.containers) - visible))


def _other_sources(snapshot: Snapshot) -> Iterator[_Source]:
    """Yield the sources of mounts that are not volumes."""
    volumes = {volume.name for volume in snapshot.volumes}
    mounted = {(mount.source, mount.type) for container in snapshot.containers for mount in container.mounts}
    for source, type in sorted(mounted):
        if source not in volumes and type != "volume":
            description = {"bind": "bind mount: a folder of the host", "tmpfs": "in memory"}.get(type, type)
            yield _Source(source or "tmpfs", description, "image", _mounts(snapshot, source))


def _mounts(snapshot: Snapshot, source: str) -> tuple[tuple[Container, Mount], ...]:
    return tuple(
        (container, mount) for container in snapshot.containers for mount in container.mounts if mount.source == source
    )


def _draw_source(canvas: SvgBuilder, y: int, source: _Source) -> None:
    canvas.box(8, y, _LEFT, source.height - 6, source.colour, dashed=not source.is_used)
    canvas.text(18, y + 17, source.name, "", max_width=_LEFT - 20, middle=True)
    canvas.text(18, y + 33, source.description, "small dim")
    if not source.is_used:
        canvas.text(_LEFT + 24, y + 25, "unused", "dim")
    for index, (container, mount) in enumerate(source.mounts):
        _draw_mount(canvas, y + index * _ROW, container, mount)
    if source.hidden_users:
        text = f"and {format_count(source.hidden_users, 'other container')}"
        canvas.text(_LEFT + 24, y + len(source.mounts) * _ROW + 25, text, "dim")


def _draw_mount(canvas: SvgBuilder, y: int, container: Container, mount: Mount) -> None:
    """Draw a line from the source to the container, with the path where the container mounts it."""
    start, middle, end = _LEFT + 8, y + (_ROW - 6) / 2, 630
    canvas.line([(start, middle), (end, middle)])
    canvas.text((start + end) / 2, middle - 5, mount.target, "small", max_width=270, anchor="middle", middle=True)
    if not mount.writable:
        canvas.text((start + end) / 2, middle + 14, "read-only", "small dim", anchor="middle")
    canvas.box(end, y, 282, _ROW - 6, "running" if container.has_process else "stopped")
    canvas.text(end + 10, y + 17, container.name, "", max_width=262, middle=True)
    canvas.text(end + 10, y + 33, "running" if container.has_process else "stopped", "small dim")
