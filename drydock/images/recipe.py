"""The recipes of the images: the one reader of ``recipes/images.toml`` and of the folders beside it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drydock.core import resources
from drydock.errors import BadRecipe

#: Each image has a folder here, and ``images.toml`` lists them.
RECIPES = resources.package_data("drydock.images", "recipes")

#: What Debian's dpkg may leave out of an image; also read by the builder, so there is one list.
SLIM = Path("debian/root/etc/dpkg/dpkg.cfg.d/slim")

#: The builder's own files that decide the bytes of a layer: when one changes, all images are outdated.
_BUILDER = ("layer_tar.py", "deb_package.py", "apt.py", "apt_repository.py", "wheels.py", "build_context.py")


@dataclass(frozen=True)
class Image:
    """One image: its fixed tag, its folder, the image it stands on, and what its layer is made from."""

    name: str
    tag: str
    folder: Path
    parent: Image | None

    @cached_property
    def packages(self) -> list[str]:
        """The Debian packages whose files are in it, in apt's words; empty when there is no ``packages`` file."""
        return _words(self.folder / "packages")

    @cached_property
    def pool(self) -> list[str]:
        """The Debian packages that its own apt can install, in apt's words; empty when there is no ``pool`` file."""
        return _words(self.folder / "pool")

    @property
    def lock(self) -> Path | None:
        """The hashed requirements of the Python wheels in it; None when there is no ``lock.txt`` file."""
        file = self.folder / "lock.txt"
        return file if file.exists() else None

    @property
    def slim(self) -> str:
        """What is left out of the layer, as dpkg's ``path-exclude`` and ``path-include`` lines."""
        own = self.folder / "slim"
        return (self.folder.parent / SLIM).read_text() + (own.read_text() if own.exists() else "")

    @cached_property
    def key(self) -> str:
        """A hash of all that decides what is in the image, the image below included."""
        digest = hashlib.sha256(self.parent.key.encode() if self.parent else _common(self.folder.parent))
        for path in files_of(self.folder):
            digest.update(f"\0{path.relative_to(self.folder)}\0{path.stat().st_mode & 0o111:o}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:32]


def recipes(root: Path = RECIPES) -> list[Image]:
    """All images in build order. Raises :class:`BadRecipe` when the list and the folders disagree."""
    with (root / "images.toml").open("rb") as file:
        entries = tomllib.load(file)["image"]
    made: dict[str, Image] = {}
    for entry in entries:
        folder = root / entry["name"]
        made[entry["tag"]] = Image(entry["name"], entry["tag"], folder, _parent(folder, made))
    return list(made.values())


def with_parents(images: list[Image], names: list[str] | None) -> list[Image]:
    """The images of these names (all without names) and those they stand on, in build order.

    Raises :class:`BadRecipe` for a name that no image has.
    """
    by_name = {image.name: image for image in images}
    wanted: set[str] = set()
    for name in by_name if names is None else names:
        image = by_name.get(name)
        if image is None:
            raise BadRecipe(name, f"no image has this name; there are: {', '.join(by_name)}")
        while image is not None:
            wanted.add(image.name)
            image = image.parent
    return [image for image in images if image.name in wanted]


def files_of(folder: Path) -> Iterator[Path]:
    """The files below a folder in a fixed order, without what editors and Python leave behind."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith("~"):
            yield path


def _words(file: Path) -> list[str]:
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _parent(folder: Path, earlier: dict[str, Image]) -> Image | None:
    """The image named in the Dockerfile's first FROM, which has to come earlier in the list."""
    dockerfile = folder / "Dockerfile"
    if not dockerfile.exists():
        raise BadRecipe(folder.name, f"{dockerfile} is missing")
    words = next((line.split() for line in dockerfile.read_text().splitlines() if line.startswith("FROM ")), [])
    base = words[1] if len(words) > 1 else ""
    if base != "scratch" and base not in earlier:
        raise BadRecipe(folder.name, f"it is FROM {base!r}, which is neither scratch nor an image earlier in the list")
    return earlier.get(base)


def _common(root: Path) -> bytes:
    """What all images share: the builder's code, and what it leaves out."""
    code = (resources.package_data("drydock.images", name).read_bytes() for name in _BUILDER)
    return b"\0".join([*code, (root / SLIM).read_bytes()])
