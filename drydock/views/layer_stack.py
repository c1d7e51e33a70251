"""A stack of layers: those of an image, and on top what a container has written, if it's a container's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import docker
from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.images import Image as DockerImage

from drydock.views import snapshot
from drydock.views.snapshot import Image

_KINDS = {0: "changed", 1: "added", 2: "removed"}

What = str | Container | DockerImage


@dataclass(frozen=True)
class Written:
    """What a container has written: the bytes in its own layer, and how each path changed."""

    size: int
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Stack:
    """One stack, from the bottom up."""

    name: str
    image: Image
    written: Written | None = None


def finder(client: docker.DockerClient, what: What) -> partial[Stack]:
    """What looks at an image or a container; a plain name is a container's if there is one, as for ``docker inspect``.

    What it gives may raise docker's ``NotFound`` or ``ImageNotFound``, now or later.
    """
    if isinstance(what, DockerImage):
        return partial(of_image, client, what.tags[0] if what.tags else str(what.id))
    if isinstance(what, Container):
        return partial(of_container, client, str(what.id))
    if not {":", "/"} & set(what):
        with suppress(NotFound):
            return partial(of_container, client, str(client.containers.get(what).id))
    return partial(of_image, client, what)


def of_image(client: docker.DockerClient, name: str) -> Stack:
    """The layers of an image."""
    image = snapshot.image(client, name)
    return Stack(image.name, image)


def of_container(client: docker.DockerClient, id: str) -> Stack:
    """The layers of a container: those of its image, and its own."""
    container = client.containers.get(id)
    listed = client.api.containers(all=True, size=True, filters={"id": id})
    size = listed[0].get("SizeRw", 0) if listed else 0
    image = snapshot.image(client, container.attrs["Image"])
    changes = {str(one["Path"]): _KINDS[one["Kind"]] for one in client.api.diff(id) or ()}
    return Stack(str(container.name), image, Written(size, told(changes)))


def told(changes: dict[str, str]) -> tuple[str, ...]:
    """The changes worth telling, by path: a folder is listed as changed whenever something in it is."""
    inside = {path.rpartition("/")[0] for path in changes}
    return tuple(f"{kind} {path}" for path, kind in sorted(changes.items()) if kind != "changed" or path not in inside)
