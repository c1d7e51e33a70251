"""The recipes of the images, read from ``recipes/images.toml`` and the folders beside it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drydock.core import resources
from drydock.errors import BadRecipe

#: The folder with ``images.toml`` and one folder for each image.
RECIPES = resources.package_data("drydock.images", "recipes")

#: The files that dpkg leaves out of all images. Both dpkg (in the images) and the builder read this one list.
SLIM = Path("debian/root/etc/dpkg/dpkg.cfg.d/slim")

#: The builder's modules that decide the bytes of a layer: when one changes, all images are outdated.
_BUILDER = ("layer_tar.py", "deb_package.py", "apt.py", "apt_repository.py", "wheels.py", "build_context.py")


@dataclass(frozen=True)
class Image:
    """One image: its name and tag, its recipe's folder, and its parent image (None for ``FROM scratch``)."""

    name: str
    tag: str
    folder: Path
    parent: Image | None

    @cached_property
    def packages(self) -> list[str]:
        """Return the Debian packages that are unpacked into the layer, as arguments of apt, from ``packages``."""
        return _lines(self.folder / "packages")

    @cached_property
    def apt_packages(self) -> list[str]:
        """Return the Debian packages that the image's own apt can install offline, from ``apt-packages``."""
        return _lines(self.folder / "apt-packages")

    @property
    def lock(self) -> Path | None:
        """Return ``lock.txt``, the requirements with hashes of the layer's Python wheels, or None without one."""
        file = self.folder / "lock.txt"
        return file if file.exists() else None

    @property
    def slim(self) -> str:
        """Return dpkg's ``path-exclude`` and ``path-include`` lines: the files to leave out of the layer."""
        own = self.folder / "slim"
        return (self.folder.parent / SLIM).read_text(encoding="utf-8") + (
            own.read_text(encoding="utf-8") if own.exists() else ""
        )

    @cached_property
    def key(self) -> str:
        """Return a hash of everything that decides the image's content, its parent images included."""
        digest = hashlib.sha256(self.parent.key.encode() if self.parent else _common(self.folder.parent))
        for path in files_of(self.folder):
            # As in the layer: whether others may execute a file depends on the umask of the checkout.
            mode = 0o111 if path.stat().st_mode & 0o100 else 0
            digest.update(f"\0{path.relative_to(self.folder)}\0{mode:o}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:32]


def recipes(root: Path = RECIPES) -> list[Image]:
    """Return all images in build order. Raises :class:`BadRecipe` when a recipe's folder does not fit the list."""
    with (root / "images.toml").open("rb") as file:
        entries = tomllib.load(file)["image"]
    by_tag: dict[str, Image] = {}
    for entry in entries:
        folder = root / entry["name"]
        by_tag[entry["tag"]] = Image(entry["name"], entry["tag"], folder, _parent(folder, by_tag))
    return list(by_tag.values())


def with_parents(images: list[Image], names: list[str] | None) -> list[Image]:
    """Return the images of these names (None: all) and their parent images, in build order.

    Raises :class:`BadRecipe` for a name that no image has.
    """
    by_name = {image.name: image for image in images}
    wanted: set[str] = set()
    for name in by_name if names is None else names:
        image = by_name.get(name)
        if image is None:
            raise BadRecipe(name, f"No image has this name. The images are: {', '.join(by_name)}.")
        while image is not None:
            wanted.add(image.name)
            image = image.parent
    return [image for image in images if image.name in wanted]


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in a fixed order, without the leftovers of editors and Python."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith("~"):
            yield path


def _lines(file: Path) -> list[str]:
    """Return a file's lines without blank lines and comments; none if there is no file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _parent(folder: Path, earlier: dict[str, Image]) -> Image | None:
    """Return the image that the Dockerfile's first FROM names, which must come earlier in the list."""
    dockerfile = folder / "Dockerfile"
    if not dockerfile.exists():
        raise BadRecipe(folder.name, f"{dockerfile} is missing.")
    words = next(
        (line.split() for line in dockerfile.read_text(encoding="utf-8").splitlines() if line.startswith("FROM ")), []
    )
    base = words[1] if len(words) > 1 else ""
    if base != "scratch" and base not in earlier:
        why = f"Its Dockerfile has FROM {base!r}, which is neither scratch nor an image earlier in the list."
        raise BadRecipe(folder.name, why)
    return earlier.get(base)


def _common(root: Path) -> bytes:
    """Return the bytes that decide the content of all images: the builder's code and the list of excluded files."""
    code = (resources.package_data("drydock.images", name).read_bytes() for name in _BUILDER)
    return b"\0".join([*code, (root / SLIM).read_bytes()])
