"""An image's history: its layers from the bottom up, with the Dockerfile instruction that created each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import docker

#: Instructions that only change the image's configuration; any other creates a layer, though maybe an empty one.
_CONFIGURATION = frozenset(
    "ARG CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER ONBUILD SHELL STOPSIGNAL USER VOLUME".split()
)

_BUILD_ARGUMENTS = re.compile(r"^(?:RUN )?\|\d+ .*?(?=/bin/sh -c)")
_NO_OPERATION = re.compile(r"^/bin/sh -c #\(nop\) +")
_SHELL = re.compile(r"^(?:RUN )?/bin/sh -c ")
_CHECKSUM = re.compile(r"\b(file|dir|multi):([0-9a-f]{12})[0-9a-f]{52}")


@dataclass(frozen=True)
class Layer:
    """One entry of an image's history.

    ``digest`` is that of the layer it created, None if it created none; ``size`` is in bytes.
    """

    digest: str | None
    size: int
    created_by: str


#: Histories by image id. They never change: the id is a digest of the image's configuration, history included.
_cache: dict[str, tuple[Layer, ...]] = {}


def read(client: docker.DockerClient, image_id: str) -> tuple[Layer, ...]:
    """Return an image's history from the bottom up; raises docker's ``ImageNotFound``."""
    if image_id not in _cache:
        image = client.images.get(image_id)
        _cache[image_id] = match_layers(image.attrs["RootFS"].get("Layers") or [], image.history()[::-1])
    return _cache[image_id]


def match_layers(digests: Sequence[str], history: Sequence[Mapping[str, Any]]) -> tuple[Layer, ...]:
    """Match layer digests to history entries, both from the bottom up; the daemon returns them separately."""
    entries = [(int(entry["Size"]), str(entry["CreatedBy"] or entry["Comment"] or "")) for entry in history]
    for creates_layer in (_not_configuration, _not_empty):
        creating = [creates_layer(size, created_by) for size, created_by in entries]
        if sum(creating) == len(digests):
            remaining = iter(digests)
            return tuple(
                Layer(next(remaining) if creates else None, size, as_instruction(created_by))
                for (size, created_by), creates in zip(entries, creating, strict=True)
            )
    return tuple(Layer(digest, 0, "") for digest in digests)


def as_instruction(created_by: str) -> str:
    """Return a history entry's ``CreatedBy`` as the instruction would be written in a Dockerfile."""
    text = _BUILD_ARGUMENTS.sub("", created_by.strip()).removesuffix("# buildkit").strip()
    if _NO_OPERATION.match(text):
        text = _NO_OPERATION.sub("", text)
    elif _SHELL.match(text):
        text = "RUN " + _SHELL.sub("", text)
    elif text.startswith("/bin/sh "):
        text = f"RUN {text}"
    return _CHECKSUM.sub(r"\1:\2", " ".join(text.split()))


def _not_configuration(size: int, created_by: str) -> bool:
    return size > 0 or as_instruction(created_by).split(" ", 1)[0] not in _CONFIGURATION


def _not_empty(size: int, created_by: str) -> bool:
    return size > 0
