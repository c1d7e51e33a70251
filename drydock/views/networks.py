"""Networks as wires, containers plugged into them, and what of them is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import docker

from drydock.views.events import Events
from drydock.views.formatting import count
from drydock.views.lazy_widget import live
from drydock.views.snapshot import Container, Network, Port, Snapshot, take
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    from drydock.views.live_view import Live

_MARGIN, _NAME, _COLUMN, _WIRE, _BOX, _PORT = 8, 190, 196, 44, 44, 18
#: So many containers stand side by side; the next go below, under the same wires drawn again.
_ABREAST = 4
_WIDTH = _MARGIN * 2 + _NAME + _ABREAST * _COLUMN
#: More ports than these of one container are counted.
_MOST_PORTS = 4


def networks(client: docker.DockerClient, label: str | None = None) -> Live:
    """The networks, kept up to date; with a ``label``, those that carry it or that its containers are in."""
    return live(lambda: draw(take(client, label)), lambda: Events(client))


def draw(snapshot: Snapshot) -> str:
    """Each network a wire from left to right, each container a box below with a plug in its networks, as SVG."""
    used = {name for one in snapshot.containers for name in one.addresses}
    wires = [one for one in snapshot.networks if one.driver != "null" and (one.driver != "host" or one.name in used)]
    containers = _lined_up(snapshot.containers, wires)
    names = {one.id: one.name for one in containers}
    canvas, y, shown = SvgBuilder(_WIDTH), _MARGIN, {one.name for one in wires} - used
    for begin in range(0, max(len(containers), 1), _ABREAST):
        some = containers[begin : begin + _ABREAST]
        shown |= {name for one in some for name in one.addresses}
        y = _draw_row(canvas, y, [wire for wire in wires if wire.name in shown], some, names)
        shown = set()
    if not wires and not containers:
        canvas.text(_MARGIN + 4, y + 4, "no networks", "dim")
    return canvas.svg(y, f"{count(wires, 'network')}, {count(containers, 'container')}")


def _lined_up(containers: Sequence[Container], wires: Sequence[Network]) -> list[Container]:
    """Who is in the same networks stands together, and who is in another's network stands beside that one."""
    order = {wire.name: place for place, wire in enumerate(wires)}
    known = {one.id: one for one in containers}

    def place(one: Container) -> tuple[list[int], str, bool, str]:
        owner = known.get(one.mode.removeprefix("container:"), one)
        places = sorted(order[name] for name in owner.addresses if name in order) or [len(order)]
        return places, owner.name, owner is not one, one.name

    return sorted(containers, key=place)


def _draw_row(
    canvas: SvgBuilder, y: int, wires: Sequence[Network], containers: Sequence[Container], names: Mapping[str, str]
) -> int:
    """One row of containers below their networks; gives where the next may begin."""
    levels = {wire.name: y + 18 + place * _WIRE for place, wire in enumerate(wires)}
    for wire in wires:
        _draw_wire(canvas, levels[wire.name], wire)
    top = y + len(wires) * _WIRE + 14
    ports = max((len(_doors(one)) for one in containers), default=0)
    server = top + _BOX + ports * _PORT + 30
    for place, container in enumerate(containers):
        left = _MARGIN + _NAME + place * _COLUMN
        _draw_plugs(canvas, left, top, container, levels)
        _draw_container(canvas, left, top, container, names)
        _draw_doors(canvas, left, top + _BOX, server, _doors(container))
    if not ports:
        return top + (_BOX + 16 if containers else 0)
    canvas.box(_MARGIN, server, _WIDTH - 2 * _MARGIN, 28, "image")
    canvas.text(
        _MARGIN + 8, server + 18, "ports of the server that lead in;  *: at each of its addresses", "small", room=800
    )
    return server + 28 + 20


def _draw_wire(canvas: SvgBuilder, y: float, wire: Network) -> None:
    canvas.box(_MARGIN, y - 18, _NAME - 20, 36, "network")
    canvas.text(_MARGIN + 8, y - 3, wire.name, "", room=_NAME - 34, middle=True)
    about = "the server's own" if wire.driver == "host" else wire.subnet or wire.driver
    canvas.text(_MARGIN + 8, y + 12, about + (" internal" if wire.internal else ""), "small dim", room=_NAME - 34)
    canvas.line([(_MARGIN + _NAME - 20, y), (_WIDTH - _MARGIN, y)], "network")


def _draw_plugs(canvas: SvgBuilder, left: int, top: float, container: Container, levels: Mapping[str, float]) -> None:
    kind = "run" if container.runs else "stop"
    plugged = sorted((levels[name], address) for name, address in container.addresses.items() if name in levels)
    for place, (level, address) in enumerate(plugged):
        x = left + 14 + place * 10
        canvas.line([(x, level), (x, top)], kind)
        canvas.dot(x, level, kind)
        canvas.text(x + 8, level + 16, address, "small")


def _draw_container(canvas: SvgBuilder, left: int, top: float, container: Container, names: Mapping[str, str]) -> None:
    canvas.box(left, top, _COLUMN - 14, _BOX, "run" if container.runs else "stop")
    canvas.text(left + 8, top + 18, container.name, "", room=_COLUMN - 30, middle=True)
    state = container.image if container.runs else "stopped"
    if container.mode.startswith("container:"):
        other = container.mode.removeprefix("container:")
        state = f"in the network of {names.get(other, other[:12])}"
    elif container.mode == "none":
        state = "no network"
    canvas.text(left + 8, top + 34, state, "small dim", room=_COLUMN - 30, middle=True)


def _draw_doors(canvas: SvgBuilder, left: int, top: float, server: float, doors: Sequence[str]) -> None:
    for place, door in enumerate(doors):
        canvas.text(left + 24, top + 20 + place * _PORT, door, "small", room=_COLUMN - 38)
    if doors:
        canvas.arrow([(left + 14, server), (left + 14, top + 2)], "image")


def _doors(container: Container) -> list[str]:
    """What leads into a container from outside, one a line."""
    doors = [_door(port) for port in container.ports]
    more = len(doors) - _MOST_PORTS
    return doors if more <= 0 else [*doors[:_MOST_PORTS], f"and {more} more"]


def _door(port: Port) -> str:
    return f"{'*' if port.address == '0.0.0.0' else port.address}:{port.outside} → {port.inside}/{port.protocol}"
