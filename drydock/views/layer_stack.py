"""The layers of an image, or of a container: those of its image and its writable layer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from drydock.views import snapshot
from drydock.views.snapshot import Image

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container
    from docker.models.images import Image as DockerImage

    #: A name, or docker-py's object.
    ImageOrContainer = str | Container | DockerImage

#: The kinds of change in the answer to ``docker diff``.
_CHANGE_KINDS = {0: "changed", 1: "added", 2: "removed"}


@dataclass(frozen=True)
class WritableLayer:
    """A container's own layer: its size in bytes, and its changes such as "added /hello"."""

    size: int
    changes: tuple[str, ...]


@dataclass(frozen=True)
class LayerStack:
    """The layers of an image or a container, from the bottom up."""

    name: str
    image: Image
    writable: WritableLayer | None = None


def loader(client: docker.DockerClient, target: ImageOrContainer) -> partial[LayerStack]:
    """Return a function that loads the layers of an image or a container.

    As for ``docker inspect``, a plain name is that of a container if there is one, else of an image. The function
    raises docker's ``NotFound`` or ``ImageNotFound``, also for a target that was removed later.
    """
    if isinstance(target, str):
        return _by_name(client, target)
    from docker.models.images import Image as DockerImage

    if isinstance(target, DockerImage):
        return partial(of_image, client, target.tags[0] if target.tags else str(target.id))
    return partial(of_container, client, str(target.id))


def _by_name(client: docker.DockerClient, name: str) -> partial[LayerStack]:
    from docker.errors import NotFound

    if not {":", "/"} & set(name):
        with suppress(NotFound):
            return partial(of_container, client, str(client.containers.get(name).id))
    return partial(of_image, client, name)


def of_image(client: docker.DockerClient, name: str) -> LayerStack:
    """Return the layers of an image."""
    image = snapshot.image(client, name)
    return LayerStack(image.name, image)


def of_container(client: docker.DockerClient, id: str) -> LayerStack:
    """Return the layers of a container."""
    container = client.containers.get(id)
    containers = client.api.containers(all=True, size=True, filters={"id": id})
    size = containers[0].get("SizeRw", 0) if containers else 0
    image = snapshot.image(client, container.attrs["Image"])
    changes = {str(change["Path"]): _CHANGE_KINDS[change["Kind"]] for change in client.api.diff(id) or ()}
    return LayerStack(str(container.name), image, WritableLayer(size, describe_changes(changes)))


def describe_changes(changes: dict[str, str]) -> tuple[str, ...]:
    """Return the changes by path, without folders listed as changed only because something in them changed."""
    parents = {path.rpartition("/")[0] for path in changes}
    relevant = {path: kind for path, kind in changes.items() if kind != "changed" or path not in parents}
    return tuple(f"{kind} {path}" for path, kind in sorted(relevant.items()))
