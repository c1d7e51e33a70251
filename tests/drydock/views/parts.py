"""What pictures are drawn from in the tests, and how a picture is read back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from drydock.core.paths import LABEL
from drydock.views.image_history import Layer
from drydock.views.snapshot import Container, Image, Network, Volume
from drydock.views.svg import LETTER, cells
from tests.machines import MINE

#: The label of what the tests make, as views take it.
OURS = f"{LABEL}={MINE[LABEL]}"
#: What somebody may give as a name to make mischief, or by mistake.
WICKED = """</text><script>alert("1")</script> & 'so' \x1b[31m ]]> 漢字漢字漢字漢字漢字漢字漢字漢字"""

_NAMESPACE = "{http://www.w3.org/2000/svg}"


def container(name: str, state: str = "running", **changes: object) -> Container:
    """A container with an address in the default network."""
    one = Container(
        id=f"id-of-{name}",
        name=name,
        image_id="sha256:1",
        image="drydock/busybox:1.37",
        command="sleep 600",
        state=state,
        exit_code=None,
        mode="bridge",
        addresses={"bridge": "172.17.0.2"},
        ports=(),
        mounts=(),
        labels={},
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def image(name: str, *layers: Layer) -> Image:
    """An image of some layers."""
    return Image(f"sha256:{name}", (name,), sum(layer.size for layer in layers), layers, {})


def network(name: str, driver: str = "bridge") -> Network:
    """A network."""
    return Network(f"id-of-{name}", name, driver, "172.17.0.0/16", "172.17.0.1", False, {})


def volume(name: str, *users: str) -> Volume:
    """A volume that those containers use."""
    return Volume(name, "local", False, users, {})


def parsed(svg: str) -> Element:
    """The picture, if it's well-formed."""
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    """The words in a picture, in the order they were drawn."""
    return [element.text or "" for element in parsed(svg).iter(f"{_NAMESPACE}text")]


def boxes(svg: str, kind: str) -> list[Element]:
    """The boxes of a kind."""
    return [one for one in parsed(svg).iter(f"{_NAMESPACE}rect") if one.get("class") == kind]


def sticking_out(svg: str) -> list[str]:
    """The words that go over the picture's edges, or over other words."""
    root = parsed(svg)
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    places = [(text, *_span(text)) for text in root.iter(f"{_NAMESPACE}text")]
    wrong = [text for text, left, right, y in places if left < 0 or right > wide or not 0 < y <= high]
    wrong += [
        one
        for place, (one, left, right, y) in enumerate(places)
        for _, other_left, other_right, other_y in places[:place]
        if abs(y - other_y) < 10 and left < other_right and other_left < right
    ]
    return [text.text or "" for text in wrong]


def _span(text: Element) -> tuple[float, float, float]:
    x, width = (
        float(text.attrib["x"]),
        cells(text.text or "") * LETTER * (11 if "small" in text.attrib["class"] else 12),
    )
    shift: Mapping[str, float] = {"start": 0, "middle": width / 2, "end": width}
    left = x - shift[text.attrib["text-anchor"]]
    return left, left + width, float(text.attrib["y"])


def threads() -> list[str]:
    """The names of the views' threads that run now."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("drydock-")]


@contextmanager
def shown(view: object) -> Iterator[object]:
    """A view as a notebook has it while it's seen."""
    view._repr_mimebundle_()  # type: ignore[attr-defined]
    try:
        yield view
    finally:
        view.close()  # type: ignore[attr-defined]
