"""The picture of networks and the containers connected to them."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.networks import draw
from drydock.views.snapshot import Port, Snapshot
from tests.drydock.views.parts import (
    HOSTILE_NAME,
    TEST_LABEL,
    boxes,
    container,
    displayed,
    misplaced,
    network,
    parse,
    texts,
)
from tests.machines import BUSYBOX, MINE

FRONT, BACK = network("front"), network("back")


def dots(svg: str) -> list[tuple[float, float]]:
    """Return the positions of the connections."""
    circles = [element.attrib for element in parse(svg).iter() if element.tag.endswith("circle")]
    return [(float(circle["cx"]), float(circle["cy"])) for circle in circles]


def test_container_in_two_networks() -> None:
    """A container in two networks has two connections and addresses; one in their common network has the same y."""
    web = container("web", addresses={"front": "172.18.0.2", "back": "172.19.0.2"})
    database = container("db", addresses={"back": "172.19.0.3"})
    svg = draw(Snapshot((database, web), (), (FRONT, BACK)))
    heights = [y for _, y in sorted(dots(svg))]
    assert len(heights) == 3
    assert heights[0] != heights[1] == heights[2]
    assert {"172.18.0.2", "172.19.0.2", "172.19.0.3"} <= set(texts(svg))


def test_published_ports() -> None:
    """A published port has its address, or ``*`` for all addresses; without any, the host is not drawn."""
    ports = (Port(80, "tcp", "127.0.0.1", 8500), Port(53, "udp", "0.0.0.0", 8501))
    svg = draw(Snapshot((container("web", ports=ports),), (), (network("bridge"),)))
    assert {"127.0.0.1:8500→80/tcp", "*:8501→53/udp"} <= set(texts(svg))
    assert len(boxes(svg, "image")) == 1
    assert boxes(draw(Snapshot((container("web"),), (), (network("bridge"),))), "image") == []


def test_many_ports_are_counted() -> None:
    """Of more than four ports of one container, the rest are counted."""
    ports = tuple(Port(number, "tcp", "0.0.0.0", 9000 + number) for number in range(9))
    svg = draw(Snapshot((container("web", ports=ports),), (), (network("bridge"),)))
    assert "and 5 more" in texts(svg)
    assert misplaced(svg) == []


def test_other_network_modes() -> None:
    """Containers in another container's network, the host's network or none are described and ordered."""
    web = container("web", addresses={"front": "172.18.0.2"})
    guest = container("a-guest", addresses={}, network_mode=f"container:{web.id}")
    host = container("spy", addresses={"host": ""}, network_mode="host")
    alone = container("alone", addresses={"none": ""}, network_mode="none")
    networks = (FRONT, network("host", "host"), network("none", "null"))
    shown = texts(draw(Snapshot((alone, guest, host, web), (), networks)))
    assert shown.index("web") < shown.index("a-guest") < shown.index("spy") < shown.index("alone")
    assert shown[shown.index("a-guest") + 1] == "network of web"
    assert shown[shown.index("alone") + 1] == "no network"
    assert "the host's network" in shown


@pytest.mark.parametrize("number", [0, 1, 4, 5, 12])
def test_any_number_fits(number: int) -> None:
    """Four containers fit in a row, and each further row has the lines of its networks."""
    names = [f"a-container-with-a-rather-long-name-{index}" for index in range(number)]
    addresses = {"front": "172.18.0.123", "back": "172.19.0.123"}
    containers = tuple(container(name, addresses=addresses) for name in names)
    svg = draw(Snapshot(containers, (), (FRONT, BACK, network("a-network-with-quite-a-long-name"))))
    assert misplaced(svg) == []
    assert len(dots(svg)) == 2 * number
    assert len(boxes(svg, "network")) == 2 * max(-(-number // 4), 0) + (1 if number else 3)


def test_no_networks() -> None:
    """A snapshot without networks has a text instead."""
    assert texts(draw(Snapshot())) == ["no networks"]


def test_names_are_escaped() -> None:
    """The name of a container or a network adds no markup."""
    hostile = container(HOSTILE_NAME, addresses={HOSTILE_NAME: HOSTILE_NAME})
    svg = draw(Snapshot((hostile,), (), (replace(FRONT, name=HOSTILE_NAME),)))
    assert "<script" not in svg


@pytest.mark.live
def test_connecting_and_disconnecting(client: docker.DockerClient) -> None:
    """A container connected to a second network gets a second connection, and loses it when disconnected."""
    first, second = (client.networks.create(f"views-{name}", labels=MINE) for name in ("first", "second"))
    container = client.containers.run(BUSYBOX, "sleep 600", network="views-first", detach=True, labels=MINE)
    view = views.networks(client, label=TEST_LABEL)
    assert len(dots(view.svg)) == 1
    with displayed(view):
        second.connect(container)
        wait_for(lambda: len(dots(view.svg)) == 2, "the second connection", seconds=60)
        first.disconnect(container)
        wait_for(lambda: len(dots(view.svg)) == 1, "its end", seconds=60)
