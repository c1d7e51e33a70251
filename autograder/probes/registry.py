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
from typing import IO, Any

from docker.errors import APIError, ImageNotFound
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import Answer, CheckContext, NoAnswer

_MANIFESTS = ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json")
_INDEXES = ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json")
_KINDS = ", ".join(_MANIFESTS + _INDEXES)
_LAYER_LIMIT, _LAYER_SECONDS = 256 << 20, 60
_LIMIT, _SECONDS, _TAGS = 1 << 30, 180, 50
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_OURS = "drydock-carried"
_LOGS = "What does `docker logs` of the registry say?"


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
        return sorted(map(str, self._read(answer).get("tags") or ()))

    def repositories(self) -> list[str]:
        """The names of all that is in it."""
        return sorted(map(str, self._read(self._ask("/v2/_catalog")).get("repositories") or ()))

    def newest(self, name: str, tags: Sequence[str]) -> str:
        """The tag whose image was made last; of very many tags, the last ones are asked for."""
        return max(tags[-_TAGS:], key=lambda tag: (str(self._paper(name, tag)[1].get("created")), tag))

    def carry(self, name: str, tag: str, elsewhere: CheckContext, base: str) -> Image:
        """Carry an image over to another daemon, which has the image ``base``. Raises :class:`Failed`."""
        manifest, config, text = self._papers(name, tag)
        called = f"{_OURS}-{hashlib.sha256(text).hexdigest()[:12]}:pulled"
        with suppress(ImageNotFound):
            return elsewhere.docker.images.get(called)  # it was carried before
        # A student's own daemon may be of a kind that wants all layers, known or not.
        known = 0 if elsewhere is self._context else _in_common(config, elsewhere.docker.images.get(base))
        with tempfile.TemporaryFile() as file:
            self._write(file, name, manifest, text, known, called)
            file.seek(0)
            try:
                elsewhere.docker.images.load(file)
            except APIError as error:
                raise Failed(f"It can't be unpacked: {str(error.explanation)[:200]}", hint=_LOGS) from error
        return elsewhere.docker.images.get(called)

    def _write(self, file: IO[bytes], name: str, manifest: Any, config: bytes, known: int, called: str) -> None:
        """The archive, without the first layers, which are known: of those it's asked whether they are there."""
        layers, deadline = [_digest(layer) for layer in manifest["layers"]], time.monotonic() + _SECONDS
        with tarfile.open(fileobj=file, mode="w") as archive:
            for place, digest in enumerate(layers):
                if time.monotonic() > deadline or file.tell() > _LIMIT:
                    raise Failed("It is too large, or comes too slowly, to be pulled.", hint=_LOGS)
                if place < known:
                    self._ask(f"/v2/{name}/blobs/{digest}", method="HEAD", wanted=f"the layer {digest[:19]}")
                else:
                    _add(archive, digest[7:], self._blob(name, digest))
            _add(archive, "config.json", config)
            contents = [{"Config": "config.json", "RepoTags": [called], "Layers": [digest[7:] for digest in layers]}]
            _add(archive, "manifest.json", json.dumps(contents).encode())

    def _paper(self, name: str, tag: str) -> tuple[Any, Any]:
        return self._papers(name, tag)[:2]

    def _papers(self, name: str, tag: str) -> tuple[Any, Any, bytes]:
        """The manifest of a tag, and the configuration it names: as it is meant, and as it is written."""
        try:
            manifest = self._manifest(name, tag)
            text = self._blob(name, _digest(manifest["config"]))
            config = json.loads(text)
            if len(config["rootfs"]["diff_ids"]) != len(manifest["layers"]):
                raise ValueError("not as many layers as there should be")
            return manifest, config, text
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
            raise Failed(f"What `{name}:{tag}` leads to is no image: {error}.", hint="Push it once more.") from error

    def _manifest(self, name: str, reference: str) -> Any:
        answer = self._ask(f"/v2/{name}/manifests/{reference}", accept=_KINDS, wanted=f"`{name}:{reference}`")
        manifest = json.loads(answer.body)
        if "manifests" in manifest:  # of several kinds of computers; one for an unknown kind is only a remark
            fitting = [entry for entry in manifest["manifests"] if entry["platform"]["os"] == "linux"]
            return self._manifest(name, _digest(fitting[0]))
        return manifest

    def _blob(self, name: str, digest: str) -> bytes:
        path, what = f"/v2/{name}/blobs/{digest}", f"the layer {digest[:19]}"
        blob = self._ask(path, wanted=what, seconds=_LAYER_SECONDS, limit=_LAYER_LIMIT).body
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

    def _read(self, answer: Answer) -> dict[str, Any]:
        try:
            read = json.loads(answer.body)
        except (ValueError, RecursionError):
            read = None
        if answer.status != 200 or not isinstance(read, dict):
            raise Failed(
                f"What answers on port {self._port} is no registry, or none that is open: status {answer.status}.",
                hint="`drydock/registry:2` is one. It listens on port 5000.",
            )
        return read


def is_ours(name: str) -> bool:
    """Whether an image got this name by being carried here, so that nobody else needs it."""
    return name.startswith(_OURS)


def _digest(paper: Any) -> str:
    digest = str(paper["digest"])
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest[:80]!r} is no digest")
    return digest


def _in_common(config: Any, base: Image) -> int:
    """How many layers an image shares with its base, from the first one on; docker load then wants none of them."""
    ours, theirs = base.attrs["RootFS"]["Layers"], config["rootfs"]["diff_ids"]
    return len(ours) if theirs[: len(ours)] == ours else 0


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
