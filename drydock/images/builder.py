"""The images of the course: what they are, whether a daemon has them, and building them in it. Nothing is pulled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound

from drydock.core import paths, progress
from drydock.errors import ImageBuildFailed
from drydock.images import build_context
from drydock.images.build_context import Context
from drydock.images.recipe import Image, recipes, with_parents

__all__ = ["DIGEST_LABEL", "KEY_LABEL", "Image", "Present", "build", "key", "ls", "recipes"]

#: The recipe an image was built from, and the bytes it was built from.
KEY_LABEL = "io.drydock.image.key"
DIGEST_LABEL = "io.drydock.image.digest"


@dataclass(frozen=True)
class Present:
    """One of our images as a daemon has it: ``size`` in bytes, None when it isn't there."""

    image: Image
    size: int | None
    current: bool


def key() -> str:
    """One hash of all recipes, for the cache key of what the images are baked into."""
    return hashlib.sha256("".join(image.key for image in recipes()).encode()).hexdigest()[:32]


def ls(client: docker.DockerClient) -> list[Present]:
    """Each image of the course: is it in this daemon, how large is it, is it of today's recipe?"""
    found = []
    for image in recipes():
        attrs = _inspect(client, image.tag)
        found.append(Present(image, attrs["Size"] if attrs else None, _is_current(attrs, image)))
    return found


def build(client: docker.DockerClient, only: Iterable[str] | None = None) -> list[Image]:
    """Build in this daemon what is missing or outdated, and return that; a second call finds nothing to do.

    ``only`` names images; those they stand on come along. Raises :class:`~drydock.errors.ImageBuildFailed` when the
    daemon fails, :class:`~drydock.errors.ToolsMissing` when this computer lacks what makes contexts.
    """
    wanted = with_parents(recipes(), None if only is None else list(only))
    if all(_is_current(_inspect(client, image.tag), image) for image in wanted):
        return []
    made = build_context.ensure(wanted)
    outdated = []
    for image in wanted:
        before = _inspect(client, image.tag)
        if not _is_current(before, image, made[image.name]):
            with progress.step(f"Building {image.tag}"):
                _build(client, image, made[image.name])
            _drop(client, before)
            outdated.append(image)
    return outdated


def _is_current(attrs: Mapping[str, Any] | None, image: Image, context: Context | None = None) -> bool:
    """Is it of today's recipe and, when a context is given, made from these very bytes?"""
    labels = _labels(attrs)
    same = context is None or labels.get(DIGEST_LABEL) == context.digest
    return same and labels.get(KEY_LABEL) == image.key


def _build(client: docker.DockerClient, image: Image, context: Context) -> None:
    """One image, from its context, without network. The tar is sent from the disk as it is read."""
    labels = {paths.LABEL: "images", KEY_LABEL: image.key, DIGEST_LABEL: context.digest}
    said: list[str] = []
    with context.tar.open("rb") as tar:
        lines = client.api.build(
            fileobj=tar, custom_context=True, tag=image.tag, labels=labels, network_mode="none",
            pull=False, rm=True, forcerm=True, decode=True, timeout=900,
        )  # fmt: skip
        try:
            for line in lines:
                said.append(str(line.get("stream") or line.get("status") or ""))
                if "error" in line:
                    raise ImageBuildFailed(image.tag, "".join(said[-20:]) + str(line["error"]))
        except APIError as refused:
            raise ImageBuildFailed(image.tag, str(refused.explanation or refused)) from refused


def _drop(client: docker.DockerClient, before: Mapping[str, Any] | None) -> None:
    """Remove the image whose tag has just been taken, if it is ours, has no other name and nothing uses it."""
    left = _inspect(client, before["Id"]) if before and paths.LABEL in _labels(before) else None
    if left and not left["RepoTags"]:  # by its id, the daemon would take its last name too
        try:
            client.api.remove_image(left["Id"])
        except APIError:  # a container or another image stands on it
            return


def _inspect(client: docker.DockerClient, tag: str) -> Mapping[str, Any] | None:
    try:
        attrs: Mapping[str, Any] = client.images.get(tag).attrs
    except ImageNotFound:
        return None
    return attrs


def _labels(attrs: Mapping[str, Any] | None) -> Mapping[str, str]:
    return (attrs or {}).get("Config", {}).get("Labels") or {}
