"""A registry in a student's container: what is in it, and an image of it carried to a daemon.

It is asked as ``docker pull`` asks, over HTTP, and what it gives is held against its digests. The daemon it is for may
be in a machine that has no network, so the image goes the last step as an archive, by ``docker load``. As with a pull,
layers that the daemon has already stay where they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from docker.errors import APIError, ImageLoadError, ImageNotFound
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import Answer, CheckContext, NoAnswer

_MANIFESTS = ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json")
_INDEXES = ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json")
_KINDS = ", ".join(_MANIFESTS + _INDEXES)
_LAYER_LIMIT, _LAYER_SECONDS = 256 << 20, 60
#: A configuration is parsed: of a byte of JSON, Python makes up to 25. Those of real images have a few kilobytes.
_CONFIG_LIMIT = 1 << 20
_LIMIT, _SECONDS, _TAGS = 1 << 30, 180, 50
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_OURS = "drydock-carried"
_LOGS = "What does `docker logs` of the registry say?"


@dataclass(frozen=True)
class _Pushed:
    """A pushed image: its configuration as it is written, and what of it is needed here; the digests are digests."""

    config: bytes
    created: str
    layers: list[str]
    diff_ids: list[str]


class Registry:
    """One that is published on a port of the context."""

    def __init__(self, context: CheckContext, port: int) -> None:
        self._context = context
        self._port = port

    def tags(self, name: str) -> list[str]:
        """The tags of a repository; none when there is no such repository."""
        answer = self._ask(f"/v2/{name}/tags/list")
        if answer.status == 404:
            return []
        return [tag for tag in self._names(answer, "tags") if _TAG.fullmatch(tag)]

    def repositories(self) -> list[str]:
        """The names of all that is in it."""
        return self._names(self._ask("/v2/_catalog"), "repositories")

    def newest(self, name: str, tags: Sequence[str]) -> str:
        """The tag whose image was made last; of very many tags, the last ones are asked for."""
        created, deadline = dict[str, str](), time.monotonic() + _SECONDS
        for tag in tags[-_TAGS:]:
            if time.monotonic() > deadline:
                raise Failed(f"Its images could not all be looked up within {_SECONDS} s.", hint=_LOGS)
            created[tag] = self._pushed(name, tag).created
        return max(created, key=lambda tag: (created[tag], tag))

    def carry(self, name: str, tag: str, elsewhere: CheckContext, base: str) -> Image:
        """Carry an image over to another daemon, which has the image ``base``. Raises :class:`Failed`."""
        pushed = self._pushed(name, tag)
        called = f"{_OURS}-{hashlib.sha256(pushed.config).hexdigest()[:12]}:pulled"
        with suppress(ImageNotFound):
            return elsewhere.docker.images.get(called)  # it was carried before
        # A student's own daemon may be of a kind that wants all layers, known or not.
        known = 0 if elsewhere is self._context else _in_common(pushed, elsewhere.docker.images.get(base))
        with tempfile.TemporaryFile() as file:
            self._write(file, name, pushed, known, called)
            file.seek(0)
            try:
                elsewhere.docker.images.load(file)
                return elsewhere.docker.images.get(called)
            except (APIError, ImageLoadError) as error:
                words = error.explanation if isinstance(error, APIError) else error
                raise Failed(f"It can't be unpacked: {str(words)[:200]}", hint=_LOGS) from error

    def _write(self, file: IO[bytes], name: str, pushed: _Pushed, known: int, called: str) -> None:
        """The archive, without the first layers, which are known: of those it's asked whether they are there."""
        deadline = time.monotonic() + _SECONDS
        with tarfile.open(fileobj=file, mode="w") as archive:
            for place, digest in enumerate(pushed.layers):
                if time.monotonic() > deadline or file.tell() > _LIMIT:
                    raise Failed("It is too large, or comes too slowly, to be pulled.", hint=_LOGS)
                if place < known:
                    self._ask(f"/v2/{name}/blobs/{digest}", method="HEAD", wanted=f"the layer {digest[:19]}")
                else:
                    _add(archive, digest[7:], self._blob(name, digest, f"the layer {digest[:19]}", _LAYER_LIMIT))
            _add(archive, "config.json", pushed.config)
            layers = [digest[7:] for digest in pushed.layers]
            contents = [{"Config": "config.json", "RepoTags": [called], "Layers": layers}]
            _add(archive, "manifest.json", json.dumps(contents).encode())

    def _pushed(self, name: str, tag: str) -> _Pushed:
        """The image of a tag. Whatever else the registry answers is :class:`Failed`."""
        try:
            manifest = self._manifest(name, tag)
            text = self._blob(name, _digest(manifest["config"]["digest"]), "its configuration", _CONFIG_LIMIT)
            config = json.loads(text)
            layers = [_digest(layer["digest"]) for layer in manifest["layers"]]
            diff_ids = [_digest(diff_id) for diff_id in config["rootfs"]["diff_ids"]]
            if len(diff_ids) != len(layers):
                raise ValueError("not as many layers as there should be")
            return _Pushed(text, str(config.get("created"))[:40], layers, diff_ids)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
            reason = f"What `{name}:{tag}` leads to is no image: {str(error)[:200]}."
            raise Failed(reason, hint="Push it once more.") from error

    def _manifest(self, name: str, reference: str) -> Any:
        answer = self._ask(f"/v2/{name}/manifests/{reference}", accept=_KINDS, wanted=f"`{name}:{reference}`")
        manifest = json.loads(answer.body)
        if "manifests" not in manifest:
            return manifest
        if _DIGEST.fullmatch(reference):
            raise ValueError("an index leads to an index")
        # Of several kinds of computers; one for an unknown kind is only a remark.
        fitting = [entry for entry in manifest["manifests"] if entry["platform"]["os"] == "linux"]
        return self._manifest(name, _digest(fitting[0]["digest"]))

    def _blob(self, name: str, digest: str, what: str, limit: int) -> bytes:
        path = f"/v2/{name}/blobs/{digest}"
        blob = self._ask(path, wanted=what, seconds=_LAYER_SECONDS, limit=limit + 1).body
        if len(blob) > limit:
            raise Failed(f"It is too large to be pulled: {what} has more than {limit >> 20} MB.", hint=_LOGS)
        if f"sha256:{hashlib.sha256(blob).hexdigest()}" != digest:
            raise Failed(f"What the registry gives as {what} is something else.", hint="Push it once more.")
        return blob

    def _ask(self, path: str, *, wanted: str = "", **settings: Any) -> Answer:
        """Ask for a path; with ``wanted``, anything but status 200 is :class:`Failed`."""
        try:
            answer = self._context.fetch(self._port, path, **settings)
        except NoAnswer as error:
            raise Failed(
                f"Asked on port {self._port}, the registry gave no answer: {error}.",
                hint="Is a registry running, and published on that port?",
            ) from error
        if wanted and answer.status != 200:
            raise Failed(f"Asked for {wanted}, the registry answered {answer.status}.", hint=_LOGS)
        return answer

    def _names(self, answer: Answer, key: str) -> list[str]:
        """The names that an answer lists, in order; where there are none, the list may be missing."""
        try:
            names = json.loads(answer.body).get(key) or []
        except (ValueError, RecursionError, AttributeError):
            names = None
        if answer.status != 200 or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Failed(
                f"What answers on port {self._port} is no registry, or none that is open: status {answer.status}.",
                hint="`drydock/registry:2` is one. It listens on port 5000.",
            )
        return sorted(names)


def is_ours(name: str) -> bool:
    """Whether an image got this name by being carried here, so that nobody else needs it."""
    return name.startswith(_OURS)


def _digest(text: Any) -> str:
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        raise ValueError(f"{str(text)[:80]!r} is no digest")
    return text


def _in_common(pushed: _Pushed, base: Image) -> int:
    """How many layers an image shares with its base, from the first one on; docker load then wants none of them."""
    layers = base.attrs["RootFS"]["Layers"]
    return len(layers) if pushed.diff_ids[: len(layers)] == layers else 0


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
