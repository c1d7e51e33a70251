"""What a daemon needs to build an image, as one tar; made once and kept in the cache folder by the recipe's key.

An entry holds ``context.tar`` (Dockerfile, layer.tar), ``status`` (which Debian packages are in the image, in dpkg's
words) and ``digest``. It is written beside its place and renamed, so whoever sees it sees all of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.core import paths, progress
from drydock.images import apt_repository, wheels
from drydock.images.apt import AptRoot, shelf
from drydock.images.deb_package import DebPackage
from drydock.images.layer_tar import EPOCH, Layer
from drydock.images.recipe import Image


class _Outgrown(Exception):
    """Debian has newer versions of packages in the image below than it was made with."""


@dataclass(frozen=True)
class Context:
    """A context in the cache; ``digest`` tells apart two that were made from different packages."""

    folder: Path
    digest: str

    @property
    def tar(self) -> Path:
        """What is sent to the daemon."""
        return self.folder / "context.tar"


def ensure(images: list[Image]) -> dict[str, Context]:
    """The contexts of these images by name, those that are missing or broken made first.

    ``images`` has each image after the one it stands on. Waits while another process makes contexts.
    """
    with _locked() as cache:
        try:
            return _fill(images, cache)
        except _Outgrown:
            progress.say("Debian has moved on since the images below were made: making all of them again.")
            for image in images:
                shutil.rmtree(cache / image.key, ignore_errors=True)
            return _fill(images, cache)


def _fill(images: list[Image], cache: Path) -> dict[str, Context]:
    contexts: dict[str, Context] = {}
    with ExitStack() as stack:
        apt: AptRoot | None = None
        for image in images:
            below = contexts[image.parent.name] if image.parent else None
            context = _read(cache / image.key, below)
            if context is None:
                if (image.packages or image.pool) and apt is None:
                    with progress.step("Asking Debian for its packages"):
                        apt = stack.enter_context(shelf())
                with progress.step(f"Making the context of {image.tag}"):
                    context = _make(image, below, apt, cache)
            contexts[image.name] = context
    return contexts


def _make(image: Image, below: Context | None, apt: AptRoot | None, cache: Path) -> Context:
    status = (below.folder / "status").read_text() if below else ""
    with tempfile.TemporaryDirectory(prefix=".making-", dir=cache) as scratch:
        folder = Path(scratch) / "context"
        folder.mkdir()
        layer = Path(scratch) / "layer.tar"
        with tarfile.open(layer, "w", format=tarfile.PAX_FORMAT) as tar:
            status += _write_layer(image, Layer(tar, image.slim), status, apt)
        with tarfile.open(folder / "context.tar", "w", format=tarfile.PAX_FORMAT) as tar:
            for path in (image.folder / "Dockerfile", layer):
                tar.add(path, path.name, filter=_anonymous)
        layer.unlink()
        (folder / "status").write_text(status)
        (folder / "digest").write_text(_digest(folder, below))
        shutil.rmtree(cache / image.key, ignore_errors=True)
        folder.rename(cache / image.key)
    return Context(cache / image.key, (cache / image.key / "digest").read_text())


def _write_layer(image: Image, layer: Layer, status: str, apt: AptRoot | None) -> str:
    """Everything the image adds to the one below; returns what it adds to dpkg's status."""
    added = ""
    present = _names(status)
    if image.packages and apt is not None:
        debs, coming = _fetch(apt, image.packages, status)
        added = layer.add_packages((DebPackage(path) for path in debs), database="dpkg" in present | coming)
        if "apt" in coming:
            layer.add("etc/apt/sources.list", apt.sources())
    if image.pool and apt is not None:
        apt_repository.write(layer, _fetch(apt, image.pool, status + added)[0])
    if (image.folder / "root").is_dir():
        layer.add_folder(image.folder / "root")
    if image.lock is not None:
        with tempfile.TemporaryDirectory(prefix="drydock-wheels-") as folder:
            wheels.unpack(image.lock, Path(folder))
            layer.add_folder(Path(folder), wheels.FOLDER)
    return added


def _fetch(apt: AptRoot, packages: list[str], status: str) -> tuple[list[Path], set[str]]:
    """What ``packages`` need where ``status`` is installed, and their names."""
    debs = apt.fetch(packages, status.encode())
    names = {deb.name.split("_", 1)[0] for deb in debs}
    if _names(status) & names:
        raise _Outgrown
    return debs, names


def _read(folder: Path, below: Context | None) -> Context | None:
    """The context in a folder, or None when it isn't there, is damaged, or stands on another one than ``below``."""
    try:
        digest = (folder / "digest").read_text()
        return Context(folder, digest) if digest == _digest(folder, below) else None
    except OSError:
        return None


def _digest(folder: Path, below: Context | None) -> str:
    digest = hashlib.sha256(below.digest.encode() if below else b"")
    for name in ("context.tar", "status"):
        with (folder / name).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _names(status: str) -> set[str]:
    return set(re.findall(r"^Package: (\S+)$", status, re.MULTILINE))


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode, info.mtime = 0o644, EPOCH
    return info


@contextmanager
def _locked() -> Iterator[Path]:
    """The folder of contexts, with no other process at work in it."""
    cache = paths.cache_folder() / "contexts"
    cache.mkdir(exist_ok=True)
    with (cache / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield cache
