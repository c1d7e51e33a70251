"""What an image is made of: its layers from the bottom up, and the line that made each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docker

#: Lines of a Dockerfile that only write into the image's settings; any other makes a layer, even an empty one.
_SETTINGS = frozenset(
    "ARG CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER ONBUILD SHELL STOPSIGNAL USER VOLUME".split()
)

_ARGUMENTS = re.compile(r"^(?:RUN )?\|\d+ .*?(?=/bin/sh -c)")
_NOTHING = re.compile(r"^/bin/sh -c #\(nop\) +")
_SHELL = re.compile(r"^(?:RUN )?/bin/sh -c ")
_SUM = re.compile(r"\b(file|dir|multi):([0-9a-f]{12})[0-9a-f]{52}")


@dataclass(frozen=True)
class Layer:
    """One line of an image's history; ``digest`` names the layer it made, and is None when it made none."""

    digest: str | None
    size: int
    made_by: str


#: An image's id is a digest of all this, so what was read once stays true.
_known: dict[str, tuple[Layer, ...]] = {}


def read(client: docker.DockerClient, image_id: str) -> tuple[Layer, ...]:
    """The history of an image from the bottom up; raises docker's ``ImageNotFound``."""
    if image_id not in _known:
        image = client.images.get(image_id)
        _known[image_id] = history(image.attrs["RootFS"].get("Layers") or [], image.history()[::-1])
    return _known[image_id]


def history(digests: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> tuple[Layer, ...]:
    """Which line made which layer: the daemon tells the lines and the layers, but not how they go together."""
    told = [(int(line["Size"]), str(line["CreatedBy"] or line["Comment"] or "")) for line in lines]
    for makes in (_makes_layer, _has_size):
        making = [makes(size, line) for size, line in told]
        if sum(making) == len(digests):
            left = iter(digests)
            pairs = zip(told, making, strict=True)
            return tuple(Layer(next(left) if made else None, size, plain(line)) for (size, line), made in pairs)
    return tuple(Layer(digest, 0, "") for digest in digests)


def plain(line: str) -> str:
    """A line of the history as somebody would write it in a Dockerfile."""
    line = _ARGUMENTS.sub("", line.strip()).removesuffix("# buildkit").strip()
    if _NOTHING.match(line):
        line = _NOTHING.sub("", line)
    elif _SHELL.match(line):
        line = "RUN " + _SHELL.sub("", line)
    elif line.startswith("/bin/sh "):
        line = f"RUN {line}"
    return _SUM.sub(r"\1:\2", " ".join(line.split()))


def _makes_layer(size: int, line: str) -> bool:
    return size > 0 or plain(line).split(" ", 1)[0] not in _SETTINGS


def _has_size(size: int, line: str) -> bool:
    return size > 0
