"""Values that the tests draw pictures from, and functions that read pictures."""

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
from drydock.views.svg import CHARACTER_WIDTH, display_width
from tests.machines import MINE

#: The label of the tests' objects in the shared machine, in the form that views take.
TEST_LABEL = f"{LABEL}={MINE[LABEL]}"
#: A name with markup, quotes, control and wide characters.
HOSTILE_NAME = """</text><script>alert("1")</script> & 'so' \x1b[31m ]]> 漢字漢字漢字漢字漢字漢字漢字漢字"""

_NAMESPACE = "{http://www.w3.org/2000/svg}"


def container(name: str, state: str = "running", **changes: object) -> Container:
    """Return a container with an address in the default network."""
    default = Container(
        id=f"id-of-{name}",
        name=name,
        image_id="sha256:1",
        image="drydock/busybox:1.37",
        command="sleep 600",
        state=state,
        exit_code=None,
        network_mode="bridge",
        addresses={"bridge": "172.17.0.2"},
        ports=(),
        mounts=(),
        labels={},
    )
    return replace(default, **changes)  # type: ignore[arg-type]


def image(name: str, *layers: Layer) -> Image:
    """Return an image with these layers."""
    return Image(f"sha256:{name}", (name,), sum(layer.size for layer in layers), layers, {})


def network(name: str, driver: str = "bridge") -> Network:
    """Return a network."""
    return Network(f"id-of-{name}", name, driver, "172.17.0.0/16", "172.17.0.1", False, {})


def volume(name: str, *containers: str) -> Volume:
    """Return a volume that these containers mount."""
    return Volume(name, "local", False, containers, {})


def parse(svg: str) -> Element:
    """Parse a picture; raises an error if it is not well-formed XML."""
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    """Return the texts of a picture in the order in which they were drawn."""
    return [element.text or "" for element in parse(svg).iter(f"{_NAMESPACE}text")]


def boxes(svg: str, style: str) -> list[Element]:
    """Return the boxes of a style."""
    return [element for element in parse(svg).iter(f"{_NAMESPACE}rect") if element.get("class") == style]


def misplaced(svg: str) -> list[str]:
    """Return the texts that are outside of the picture or overlap another text."""
    root = parse(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    spans = [(text, *_span(text)) for text in root.iter(f"{_NAMESPACE}text")]
    texts = [text for text, start, end, y in spans if start < 0 or end > width or not 0 < y <= height]
    texts += [
        text
        for index, (text, start, end, y) in enumerate(spans)
        for _, other_start, other_end, other_y in spans[:index]
        if abs(y - other_y) < 10 and start < other_end and other_start < end
    ]
    return [text.text or "" for text in texts]


def _span(text: Element) -> tuple[float, float, float]:
    """Return a text's left and right edges and its baseline."""
    font_size = 11 if "small" in text.attrib["class"] else 12
    width = display_width(text.text or "") * CHARACTER_WIDTH * font_size
    offset: Mapping[str, float] = {"start": 0, "middle": width / 2, "end": width}
    start = float(text.attrib["x"]) - offset[text.attrib["text-anchor"]]
    return start, start + width, float(text.attrib["y"])


def view_threads() -> list[str]:
    """Return the names of the views' running threads."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("drydock-")]


@contextmanager
def displayed(view: object) -> Iterator[object]:
    """Display a view as a notebook does, and close it at the end."""
    view._ipython_display_()  # type: ignore[attr-defined]
    try:
        yield view
    finally:
        view.close()  # type: ignore[attr-defined]
