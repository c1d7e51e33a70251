"""``views.networks``: networks as horizontal lines, the containers connected to them, and published ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from drydock.views.events import Events
from drydock.views.formatting import format_count
from drydock.views.lazy_view import create_live_view
from drydock.views.snapshot import Container, Network, Port, Snapshot, take_snapshot
from drydock.views.svg import SvgBuilder

if TYPE_CHECKING:
    import docker

    from drydock.views.live_view import LiveView

_MARGIN, _NAME_WIDTH, _COLUMN, _LINE_HEIGHT, _BOX_HEIGHT, _PORT_HEIGHT = 8, 190, 196, 44, 44, 18
#: The containers in one row; further rows have the lines of their networks drawn again.
_COLUMNS = 4
_WIDTH = _MARGIN * 2 + _NAME_WIDTH + _COLUMNS * _COLUMN
#: The most ports listed of one container; the others are only counted.
_MOST_PORTS = 4


def networks(client: docker.DockerClient, label: str | None = None) -> LiveView:
    """Return a live picture of networks; with a ``label``, only those with it, or with containers that have it."""
    return create_live_view(lambda: draw(take_snapshot(client, label)), lambda: Events(client))


def draw(snapshot: Snapshot) -> str:
    """Return an SVG with a horizontal line for each network, and below it the containers connected to it."""
    used = {name for container in snapshot.containers for name in container.addresses}
    networks = [network for network in snapshot.networks if _is_drawn(network, used)]
    containers = _ordered(snapshot.containers, networks)
    names = {container.id: container.name for container in containers}
    canvas, y = SvgBuilder(_WIDTH), _MARGIN
    visible = {network.name for network in networks} - used
    for first in range(0, max(len(containers), 1), _COLUMNS):
        row = containers[first : first + _COLUMNS]
        visible |= {name for container in row for name in container.addresses}
        y = _draw_row(canvas, y, [network for network in networks if network.name in visible], row, names)
        visible = set()
    if not networks and not containers:
        canvas.text(_MARGIN + 4, y + 4, "no networks", "dim")
    description = f"{format_count(networks, 'network')}, {format_count(containers, 'container')}"
    return canvas.render(y, description, empty=not networks and not containers)


def _is_drawn(network: Network, used: set[str]) -> bool:
    """Return whether to draw a network: never ``none``, and ``host`` only if a container uses it."""
    return network.driver != "null" and (network.driver != "host" or network.name in used)


def _ordered(containers: Sequence[Container], networks: Sequence[Network]) -> list[Container]:
    """Order containers by their networks; one that shares another container's network comes after that one."""
    positions = {network.name: index for index, network in enumerate(networks)}
    by_id = {container.id: container for container in containers}

    def key(container: Container) -> tuple[list[int], str, bool, str]:
        owner = by_id.get(container.network_mode.removeprefix("container:"), container)
        indexes = sorted(positions[name] for name in owner.addresses if name in positions) or [len(positions)]
        return indexes, owner.name, owner is not container, container.name

    return sorted(containers, key=key)


def _draw_row(
    canvas: SvgBuilder, y: int, networks: Sequence[Network], containers: Sequence[Container], names: Mapping[str, str]
) -> int:
    """Draw one row of containers below their networks, and return the y of the next row."""
    levels = {network.name: y + 18 + index * _LINE_HEIGHT for index, network in enumerate(networks)}
    for network in networks:
        _draw_network(canvas, levels[network.name], network)
    top = y + len(networks) * _LINE_HEIGHT + 14
    most_ports = max((len(_port_lines(container)) for container in containers), default=0)
    host = top + _BOX_HEIGHT + most_ports * _PORT_HEIGHT + 30
    for index, container in enumerate(containers):
        x = _MARGIN + _NAME_WIDTH + index * _COLUMN
        _draw_connections(canvas, x, top, container, levels)
        _draw_container(canvas, x, top, container, names)
        _draw_ports(canvas, x, top + _BOX_HEIGHT, host, _port_lines(container))
    if not most_ports:
        return top + (_BOX_HEIGHT + 16 if containers else 0)
    canvas.box(_MARGIN, host, _WIDTH - 2 * _MARGIN, 28, "image")
    canvas.text(_MARGIN + 8, host + 18, "published ports of the Docker host;  *: all addresses", "small", max_width=800)
    return host + 28 + 20


def _draw_network(canvas: SvgBuilder, y: float, network: Network) -> None:
    canvas.box(_MARGIN, y - 18, _NAME_WIDTH - 20, 36, "network")
    canvas.text(_MARGIN + 8, y - 3, network.name, "", max_width=_NAME_WIDTH - 34, middle=True)
    kind = "the host's network" if network.driver == "host" else network.subnet or network.driver
    description = kind + (" internal" if network.internal else "")
    canvas.text(_MARGIN + 8, y + 12, description, "small dim", max_width=_NAME_WIDTH - 34)
    canvas.line([(_MARGIN + _NAME_WIDTH - 20, y), (_WIDTH - _MARGIN, y)], "network")


def _draw_connections(
    canvas: SvgBuilder, x: int, top: float, container: Container, levels: Mapping[str, float]
) -> None:
    """Draw a vertical line from each of a container's networks to its box, with its address in that network."""
    style = "running" if container.has_process else "stopped"
    connections = sorted((levels[name], address) for name, address in container.addresses.items() if name in levels)
    for index, (level, address) in enumerate(connections):
        line_x = x + 14 + index * 10
        canvas.line([(line_x, level), (line_x, top)], style)
        canvas.dot(line_x, level, style)
        canvas.text(line_x + 8, level + 16, address, "small")


def _draw_container(canvas: SvgBuilder, x: int, top: float, container: Container, names: Mapping[str, str]) -> None:
    canvas.box(x, top, _COLUMN - 14, _BOX_HEIGHT, "running" if container.has_process else "stopped")
    canvas.text(x + 8, top + 18, container.name, "", max_width=_COLUMN - 30, middle=True)
    description = container.image if container.has_process else "stopped"
    if container.network_mode.startswith("container:"):
        owner = container.network_mode.removeprefix("container:")
        description = f"network of {names.get(owner, owner[:12])}"
    elif container.network_mode == "none":
        description = "no network"
    canvas.text(x + 8, top + 34, description, "small dim", max_width=_COLUMN - 30, middle=True)


def _draw_ports(canvas: SvgBuilder, x: int, top: float, host: float, lines: Sequence[str]) -> None:
    for index, line in enumerate(lines):
        canvas.text(x + 24, top + 20 + index * _PORT_HEIGHT, line, "small", max_width=_COLUMN - 26)
    if lines:
        canvas.arrow([(x + 14, host), (x + 14, top + 2)], "image")


def _port_lines(container: Container) -> list[str]:
    """Return the lines about a container's published ports."""
    lines = [_port_line(port) for port in container.ports]
    more = len(lines) - _MOST_PORTS
    return lines if more <= 0 else [*lines[:_MOST_PORTS], f"and {more} more"]


def _port_line(port: Port) -> str:
    address = "*" if port.host_ip == "0.0.0.0" else port.host_ip
    return f"{address}:{port.host_port}→{port.container_port}/{port.protocol}"
