"""Volumes, who mounts them where, and which are used by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import docker

from drydock.views.events import Events
from drydock.views.formatting import count
from drydock.views.lazy_widget import live
from drydock.views.snapshot import Container, Mount, Snapshot, take
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.live_view import Live

_WIDTH, _LEFT, _ROW = 920, 330, 46


@dataclass(frozen=True)
class _Store:
    """What can be mounted: a volume, or a folder of the server."""

    name: str
    about: str
    kind: str
    mounts: tuple[tuple[Container, Mount], ...]
    elsewhere: int = 0

    @property
    def rows(self) -> int:
        return max(len(self.mounts) + (self.elsewhere > 0), 1)


def volumes(client: docker.DockerClient, label: str | None = None) -> Live:
    """The volumes, kept up to date; with a ``label``, those that carry it or that its containers use."""
    return live(lambda: draw(take(client, label)), lambda: Events(client))


def draw(snapshot: Snapshot) -> str:
    """Volumes on the left, the containers that mount them on the right, as SVG."""
    stores = [*_volumes(snapshot), *_folders(snapshot)]
    canvas = SvgBuilder(_WIDTH)
    y = 8
    for store in stores:
        _draw_store(canvas, y, store)
        y += store.rows * _ROW + 10
    if not stores:
        canvas.text(12, y + 20, "no volumes", "dim")
        y += 32
    idle = sum(not store.mounts and not store.elsewhere for store in stores)
    return canvas.svg(y, f"{count(stores, 'volume')}, {idle} used by nobody")


def _volumes(snapshot: Snapshot) -> Iterator[_Store]:
    for volume in snapshot.volumes:
        mounts = _mounts(snapshot, volume.name)
        shown = {container.name for container, _ in mounts}
        about = "volume without a name" if volume.nameless else "volume"
        about += "" if volume.driver == "local" else f", driver {volume.driver}"
        yield _Store(volume.name, about, "volume", mounts, len(set(volume.users) - shown))


def _folders(snapshot: Snapshot) -> Iterator[_Store]:
    known = {volume.name for volume in snapshot.volumes}
    mounted = {(mount.source, mount.kind) for one in snapshot.containers for mount in one.mounts}
    for source, kind in sorted(mounted):
        if source not in known and kind != "volume":
            about = {"bind": "folder of the server", "tmpfs": "in memory"}.get(kind, kind)
            yield _Store(source or "tmpfs", about, "image", _mounts(snapshot, source))


def _mounts(snapshot: Snapshot, source: str) -> tuple[tuple[Container, Mount], ...]:
    return tuple((one, mount) for one in snapshot.containers for mount in one.mounts if mount.source == source)


def _draw_store(canvas: SvgBuilder, y: int, store: _Store) -> None:
    used = bool(store.mounts or store.elsewhere)
    canvas.box(8, y, _LEFT, store.rows * _ROW - 6, store.kind, dashed=not used)
    canvas.text(18, y + 17, store.name, "", room=_LEFT - 20, middle=True)
    canvas.text(18, y + 33, store.about, "small dim")
    if not used:
        canvas.text(_LEFT + 24, y + 25, "used by nobody", "dim")
    for place, (container, mount) in enumerate(store.mounts):
        _draw_mount(canvas, y + place * _ROW, container, mount)
    if store.elsewhere:
        canvas.text(
            _LEFT + 24, y + len(store.mounts) * _ROW + 25, f"and {count(store.elsewhere, 'other container')}", "dim"
        )


def _draw_mount(canvas: SvgBuilder, y: int, container: Container, mount: Mount) -> None:
    middle, right = y + (_ROW - 6) / 2, 630
    canvas.line([(_LEFT + 8, middle), (right, middle)])
    canvas.text((_LEFT + 8 + right) / 2, middle - 5, mount.target, "small", room=270, anchor="middle", middle=True)
    if not mount.writable:
        canvas.text((_LEFT + 8 + right) / 2, middle + 14, "only to read", "small dim", anchor="middle")
    canvas.box(right, y, 282, _ROW - 6, "run" if container.runs else "stop")
    canvas.text(right + 10, y + 17, container.name, "", room=262, middle=True)
    canvas.text(right + 10, y + 33, "runs" if container.runs else "stopped", "small dim")
