"""Removing what a lesson made: by its label, and by the names ``lesson/…`` that lessons give to images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import docker
from docker.errors import APIError

from drydock.core.paths import LABEL

#: Lessons tag images with names that begin so; taking such a name away removes nothing that has another one.
IMAGE_PREFIX = "lesson/"
#: The value of the label on the course's images, which a name ``lesson/…`` may mean.
COURSE_IMAGES = "images"


def remove_labelled(client: docker.DockerClient, label: str) -> None:
    """Remove the services, containers, networks, volumes and images that carry ``label`` (``name=value``).

    A name ``lesson/…`` of an image without a label, or of one of the course's images, is removed too. What is gone
    already, or still in use by something without the label, is left alone.
    """
    api: Any = client.api
    ours = {"label": label}
    with suppress(APIError):  # a daemon that is no swarm manager has no services
        _each((entry["ID"] for entry in api.services(filters=ours)), api.remove_service)
    _each(_ids(api.containers(all=True, filters=ours)), partial(api.remove_container, v=True, force=True))
    _each(_ids(api.networks(filters=ours)), api.remove_network)
    _each((entry["Name"] for entry in api.volumes(filters=ours)["Volumes"] or ()), api.remove_volume)
    _each(_ids(api.images(filters=ours)), partial(api.remove_image, force=True))
    owners = {None, COURSE_IMAGES, label.partition("=")[2]}  # the image of another lesson has that lesson's label
    images = [image for image in api.images() if (image.get("Labels") or {}).get(LABEL) in owners]
    names = [tag for image in images for tag in image.get("RepoTags") or ()]
    _each((name for name in names if name.startswith(IMAGE_PREFIX)), api.remove_image)


def _ids(entries: Iterable[Mapping[str, str]]) -> Iterator[str]:
    return (entry["Id"] for entry in entries)


def _each(names: Iterable[str], remove: Callable[[str], object]) -> None:
    for name in names:
        with suppress(APIError):
            remove(name)
