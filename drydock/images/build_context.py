"""Build contexts: everything a daemon needs to build an image, as one tar archive, cached by the recipe's key.

A cache entry is a folder with ``context.tar`` (Dockerfile and ``layer.tar``), ``status`` (the Debian packages in the
image, in the format of dpkg's status file) and ``digest``. It is written to a temporary folder and renamed, so an
entry is always complete.
"""

from __future__ import annotations

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
from drydock.core.files import locked
from drydock.images import apt_repository, wheels
from drydock.images.apt import AptRoot, temporary_apt
from drydock.images.deb_package import DebPackage
from drydock.images.layer_tar import EPOCH, Layer
from drydock.images.recipe import Image


class _OutdatedParent(Exception):
    """Debian's archive has newer versions of packages that the cached parent image contains."""


@dataclass(frozen=True)
class BuildContext:
    """A build context in the cache; ``digest`` distinguishes contexts of one recipe made from different packages."""

    folder: Path
    digest: str

    @property
    def tar(self) -> Path:
        """Return the archive that is sent to the daemon."""
        return self.folder / "context.tar"


def ensure(images: list[Image]) -> dict[str, BuildContext]:
    """Return the build contexts of these images by name; make missing and damaged ones first.

    ``images`` lists each image after its parent. Waits while another process makes build contexts.
    """
    with _locked_cache() as cache:
        try:
            return _ensure_all(images, cache)
        except _OutdatedParent:
            progress.print_line("Debian has newer packages than the cached parent images: making all contexts again.")
            for image in images:
                shutil.rmtree(cache / image.key, ignore_errors=True)
            return _ensure_all(images, cache)


def _ensure_all(images: list[Image], cache: Path) -> dict[str, BuildContext]:
    contexts: dict[str, BuildContext] = {}
    with ExitStack() as stack:
        apt: AptRoot | None = None
        for image in images:
            parent = contexts[image.parent.name] if image.parent else None
            context = _read(cache / image.key, parent)
            if context is None:
                if (image.packages or image.apt_packages) and apt is None:
                    with progress.step("Fetching Debian's package lists"):
                        apt = stack.enter_context(temporary_apt())
                with progress.step(f"Making the build context of {image.tag}"):
                    context = _make(image, parent, apt, cache)
            contexts[image.name] = context
    return contexts


def _make(image: Image, parent: BuildContext | None, apt: AptRoot | None, cache: Path) -> BuildContext:
    status = (parent.folder / "status").read_text(encoding="utf-8") if parent else ""
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
        (folder / "status").write_text(status, encoding="utf-8")
        (folder / "digest").write_text(_digest(folder, parent), encoding="utf-8")
        shutil.rmtree(cache / image.key, ignore_errors=True)
        folder.rename(cache / image.key)
    return BuildContext(cache / image.key, (cache / image.key / "digest").read_text(encoding="utf-8"))


def _write_layer(image: Image, layer: Layer, status: str, apt: AptRoot | None) -> str:
    """Write the layer that the image adds to its parent; return the text that it adds to dpkg's status file."""
    added = ""
    present = _names(status)
    if image.packages and apt is not None:
        debs, coming = _fetch(apt, image.packages, status)
        added = layer.add_packages((DebPackage(path) for path in debs), database="dpkg" in present | coming)
        if "apt" in coming:
            layer.add("etc/apt/sources.list", apt.sources())
    if image.apt_packages and apt is not None:
        apt_repository.write(layer, _fetch(apt, image.apt_packages, status + added)[0])
    if (image.folder / "root").is_dir():
        layer.add_folder(image.folder / "root")
    if image.lock is not None:
        with tempfile.TemporaryDirectory(prefix="drydock-wheels-") as folder:
            wheels.unpack(image.lock, Path(folder))
            layer.add_folder(Path(folder), wheels.FOLDER)
    return added


def _fetch(apt: AptRoot, packages: list[str], status: str) -> tuple[list[Path], set[str]]:
    """Return the files and names of ``packages`` and the dependencies that ``status`` does not list as installed."""
    debs = apt.fetch(packages, status.encode())
    names = {deb.name.split("_", 1)[0] for deb in debs}
    if _names(status) & names:
        raise _OutdatedParent
    return debs, names


def _read(folder: Path, parent: BuildContext | None) -> BuildContext | None:
    """Return the context in a folder; None when it is missing, damaged, or was made for another parent."""
    try:
        digest = (folder / "digest").read_text(encoding="utf-8")
        return BuildContext(folder, digest) if digest == _digest(folder, parent) else None
    except OSError:
        return None


def _digest(folder: Path, parent: BuildContext | None) -> str:
    digest = hashlib.sha256(parent.digest.encode() if parent else b"")
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
def _locked_cache() -> Iterator[Path]:
    """Yield the cache folder of build contexts, which no other process changes meanwhile."""
    cache = paths.cache_folder() / "contexts"
    cache.mkdir(exist_ok=True)
    with (cache / ".lock").open("w") as file, locked(file.fileno()):
        yield cache
