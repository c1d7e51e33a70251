"""Networks as wires, and who is plugged into which."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest

from drydock import views
from drydock.core.waiting import wait_for
from drydock.views.networks import draw
from drydock.views.snapshot import Port, Snapshot
from tests.drydock.views.parts import OURS, WICKED, boxes, container, network, parsed, shown, sticking_out, texts
from tests.machines import BUSYBOX, MINE

FRONT, BACK = network("front"), network("back")


def dots(svg: str) -> list[tuple[float, float]]:
    """Where something is plugged in."""
    return [
        (float(one.attrib["cx"]), float(one.attrib["cy"])) for one in parsed(svg).iter() if one.tag.endswith("circle")
    ]


def test_a_container_in_two_networks_has_two_plugs() -> None:
    """Its two addresses stand at two wires; its neighbour has one plug, at the height of the wire they share."""
    both = container("web", addresses={"front": "172.18.0.2", "back": "172.19.0.2"})
    one = container("db", addresses={"back": "172.19.0.3"})
    svg = draw(Snapshot((one, both), (), (FRONT, BACK)))
    heights = [y for _, y in sorted(dots(svg))]
    assert len(heights) == 3
    assert heights[0] != heights[1] == heights[2]
    assert {"172.18.0.2", "172.19.0.2", "172.19.0.3"} <= set(texts(svg))


def test_published_ports_lead_in_from_outside() -> None:
    """A published port is told with its address; all addresses are one sign; without any there is no server."""
    ports = (Port(80, "tcp", "127.0.0.1", 8500), Port(53, "udp", "0.0.0.0", 8501))
    svg = draw(Snapshot((container("web", ports=ports),), (), (network("bridge"),)))
    assert {"127.0.0.1:8500 → 80/tcp", "*:8501 → 53/udp"} <= set(texts(svg))
    assert len(boxes(svg, "image")) == 1
    assert boxes(draw(Snapshot((container("web"),), (), (network("bridge"),))), "image") == []


def test_many_ports_are_counted() -> None:
    """More than four ports of one container would fill the picture: the rest is a number."""
    ports = tuple(Port(place, "tcp", "0.0.0.0", 9000 + place) for place in range(9))
    svg = draw(Snapshot((container("web", ports=ports),), (), (network("bridge"),)))
    assert "and 5 more" in texts(svg)
    assert sticking_out(svg) == []


def test_other_ways_of_being_connected() -> None:
    """In another's network, in the server's own, or in none: each is told, and stands where it belongs."""
    web = container("web", addresses={"front": "172.18.0.2"})
    side = container("a-guest", addresses={}, mode=f"container:{web.id}")
    host = container("spy", addresses={"host": ""}, mode="host")
    alone = container("alone", addresses={"none": ""}, mode="none")
    svg = draw(Snapshot((alone, side, host, web), (), (FRONT, network("host", "host"), network("none", "null"))))
    said = texts(svg)
    assert said.index("web") < said.index("a-guest") < said.index("spy") < said.index("alone")
    assert said[said.index("a-guest") + 1] == "in the network of web"
    assert said[said.index("alone") + 1] == "no network"
    assert "the server's own" in said


@pytest.mark.parametrize("number", [0, 1, 4, 5, 12])
def test_any_number_fits(number: int) -> None:
    """None, one or a dozen: four stand side by side, and the wires are drawn again for the next four."""
    names = [f"a-container-with-a-rather-long-name-{place}" for place in range(number)]
    some = tuple(container(name, addresses={"front": "172.18.0.123", "back": "172.19.0.123"}) for name in names)
    svg = draw(Snapshot(some, (), (FRONT, BACK, network("a-network-with-quite-a-long-name"))))
    assert sticking_out(svg) == []
    assert len(dots(svg)) == 2 * number
    assert len(boxes(svg, "network")) == 2 * max(-(-number // 4), 0) + (1 if number else 3)


def test_nothing_at_all() -> None:
    """A daemon without networks of ours says so."""
    assert texts(draw(Snapshot())) == ["no networks"]


def test_names_are_only_names() -> None:
    """Whatever a container or a network is called, the picture stays a picture."""
    svg = draw(Snapshot((container(WICKED, addresses={WICKED: WICKED}),), (), (replace(FRONT, name=WICKED),)))
    assert "<script" not in svg


@pytest.mark.live
def test_it_follows_who_joins_and_leaves(client: docker.DockerClient) -> None:
    """A container that is connected to a second network gets a second plug, and loses it again."""
    first, second = (client.networks.create(f"views-{name}", labels=MINE) for name in ("first", "second"))
    box = client.containers.run(BUSYBOX, "sleep 600", network="views-first", detach=True, labels=MINE)
    view = views.networks(client, label=OURS)
    assert len(dots(view.svg)) == 1
    with shown(view):
        second.connect(box)
        wait_for(lambda: len(dots(view.svg)) == 2, "the second plug", seconds=20)
        first.disconnect(box)
        wait_for(lambda: len(dots(view.svg)) == 1, "it to go", seconds=20)
