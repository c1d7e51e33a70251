"""Building the course's images in a daemon, and reporting which ones it has. Nothing is pulled from a registry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
from docker.api import APIClient
from docker.errors import APIError, ImageNotFound

from drydock.core import paths, progress
from drydock.errors import ImageBuildFailed
from drydock.images import build_context
from drydock.images.build_context import BuildContext
from drydock.images.recipe import Image, recipes, with_parents

__all__ = ["DIGEST_LABEL", "KEY_LABEL", "Image", "ImageStatus", "build", "key", "ls", "recipes"]

#: Labels of an image: the key of its recipe, and the digest of the build context that it was built from.
KEY_LABEL = "io.drydock.image.key"
DIGEST_LABEL = "io.drydock.image.digest"


@dataclass(frozen=True)
class ImageStatus:
    """One of the course's images in a daemon: ``size`` in bytes, None when missing; ``current`` for today's recipe."""

    image: Image
    size: int | None
    current: bool


def key() -> str:
    """Return one hash of all recipes, for the cache key of disks that contain the images."""
    return hashlib.sha256("".join(image.key for image in recipes()).encode()).hexdigest()[:32]


def ls(client: docker.DockerClient) -> list[ImageStatus]:
    """Return the status of each of the course's images in this daemon."""
    statuses = []
    for image in recipes():
        attrs = _inspect(client, image.tag)
        statuses.append(ImageStatus(image, attrs["Size"] if attrs else None, _is_current(attrs, image)))
    return statuses


def build(client: docker.DockerClient, only: Iterable[str] | None = None) -> list[Image]:
    """Build missing and outdated images in this daemon and return them; a second call builds nothing.

    ``only`` names images; their parent images are included. Raises :class:`~drydock.errors.ImageBuildFailed` when the
    daemon fails, :class:`~drydock.errors.ToolsMissing` when this computer lacks the tools to make build contexts.
    """
    wanted = with_parents(recipes(), None if only is None else list(only))
    if all(_is_current(_inspect(client, image.tag), image) for image in wanted):
        return []
    contexts = build_context.ensure(wanted)
    outdated = []
    for image in wanted:
        before = _inspect(client, image.tag)
        if not _is_current(before, image, contexts[image.name]):
            with progress.step(f"Building {image.tag}"):
                _build(client, image, contexts[image.name])
            _remove_replaced(client, before)
            outdated.append(image)
    return outdated


def _is_current(attrs: Mapping[str, Any] | None, image: Image, context: BuildContext | None = None) -> bool:
    """Return whether an image is of today's recipe and, with a context, was built from exactly that context."""
    labels = _labels(attrs)
    same = context is None or labels.get(DIGEST_LABEL) == context.digest
    return same and labels.get(KEY_LABEL) == image.key


class _AnonymousClient(APIClient):
    """docker-py's API client, which does not ask the programs for passwords that Docker's ``config.json`` names.

    Nothing is pulled, and such a program may be missing, or wait for a person.
    """

    def _set_auth_headers(self, headers: dict[str, str]) -> None:
        """Add no passwords."""


@contextmanager
def _without_credentials(client: docker.DockerClient) -> Iterator[APIClient]:
    """Yield the API client of a client, which asks for no passwords meanwhile."""
    api: Any = client.api
    own = api.__class__
    api.__class__ = _AnonymousClient  # the same session and settings
    try:
        yield api
    finally:
        api.__class__ = own


def _build(client: docker.DockerClient, image: Image, context: BuildContext) -> None:
    """Build one image from its context, without network. The archive is streamed from the disk."""
    labels = {paths.LABEL: "images", KEY_LABEL: image.key, DIGEST_LABEL: context.digest}
    output: list[str] = []
    with context.tar.open("rb") as tar, _without_credentials(client) as api:
        lines = api.build(
            fileobj=tar, custom_context=True, tag=image.tag, labels=labels, network_mode="none",
            pull=False, rm=True, forcerm=True, decode=True, timeout=900,
        )  # fmt: skip
        try:
            for line in lines:
                output.append(str(line.get("stream") or line.get("status") or ""))
                if "error" in line:
                    raise ImageBuildFailed(image.tag, "".join(output[-20:]) + str(line["error"]))
        except APIError as error:
            raise ImageBuildFailed(image.tag, str(error.explanation or error)) from error


def _remove_replaced(client: docker.DockerClient, before: Mapping[str, Any] | None) -> None:
    """Remove the image that has just lost its tag, if it is ours, has no other tag and is not in use."""
    untagged = _inspect(client, before["Id"]) if before and paths.LABEL in _labels(before) else None
    if untagged and not untagged["RepoTags"]:  # removing an image by its id would also remove its last other tag
        try:
            client.api.remove_image(untagged["Id"])
        except APIError:  # a container or another image uses it
            return


def _inspect(client: docker.DockerClient, tag: str) -> Mapping[str, Any] | None:
    try:
        attrs: Mapping[str, Any] = client.images.get(tag).attrs
    except ImageNotFound:
        return None
    return attrs


def _labels(attrs: Mapping[str, Any] | None) -> Mapping[str, str]:
    return (attrs or {}).get("Config", {}).get("Labels") or {}
