"""The recipes: one list, one folder for each image, and a key that changes with everything that decides an image."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drydock import images
from drydock.errors import BadRecipe
from drydock.images.recipe import RECIPES, recipes, with_parents


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the recipes that a test may change."""
    return Path(shutil.copytree(RECIPES, tmp_path / "recipes"))


def _keys(root: Path) -> dict[str, str]:
    return {image.name: image.key for image in recipes(root)}


def test_each_folder_is_in_the_list() -> None:
    """The folders of recipes and the entries of images.toml are the same set."""
    folders = {path.name for path in RECIPES.iterdir() if path.is_dir()}
    assert folders == {image.name for image in recipes()}


def test_an_image_comes_after_its_parent() -> None:
    """In the list's order, each parent image is built first."""
    order = [image.name for image in recipes()]
    assert all(image.parent is None or order.index(image.parent.name) < order.index(image.name) for image in recipes())


def test_parents_are_included() -> None:
    """A selected image includes its parent images, and no others."""
    assert [image.name for image in with_parents(recipes(), ["kernel"])] == ["debian", "python", "kernel"]


def test_an_unknown_name_is_refused() -> None:
    """The error for a name that no image has lists the names of the images."""
    with pytest.raises(BadRecipe, match="busybox"):
        with_parents(recipes(), ["windows"])


@pytest.mark.parametrize(
    ("changed", "outdated"),
    [
        ("busybox/root/etc/passwd", {"busybox"}),
        ("python/packages", {"python", "kernel", "pg8000"}),
        ("kernel/Dockerfile", {"kernel"}),
        ("kernel/lock.txt", {"kernel"}),
        ("debian/root/etc/dpkg/dpkg.cfg.d/slim", {"busybox", "debian", "python", "kernel"}),
    ],
)
def test_a_changed_file_changes_the_keys_that_depend_on_it(copy: Path, changed: str, outdated: set[str]) -> None:
    """A change in an image's files, or in those of a parent image, changes its key and no other image's."""
    before = _keys(copy)
    with (copy / changed).open("a") as file:
        file.write("\n# changed\n")
    after = _keys(copy)
    assert {name for name in before if before[name] != after[name]} >= outdated
    if "dpkg.cfg.d" not in changed:
        assert {name for name in before if before[name] != after[name]} == outdated


def test_the_key_does_not_depend_on_the_folder(copy: Path) -> None:
    """Two checkouts of the same files share one cache."""
    assert _keys(copy) == _keys(RECIPES)
    assert len(images.key()) == 32


def test_the_key_does_not_depend_on_the_umask(copy: Path) -> None:
    """As the layer, it has whether a file's owner may execute it, which git keeps, and no other bit of its mode."""
    before = _keys(copy)
    for path in copy.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    assert _keys(copy) == before
    program = next(path for path in copy.rglob("busybox/root/**/*") if path.is_file())
    program.chmod(program.stat().st_mode ^ 0o100)
    assert _keys(copy)["busybox"] != before["busybox"]


def test_a_parent_must_be_in_the_list(copy: Path) -> None:
    """A Dockerfile with a foreign base image is refused, because nothing is ever pulled."""
    (copy / "python/Dockerfile").write_text("FROM ubuntu:24.04\n")
    with pytest.raises(BadRecipe, match="ubuntu"):
        recipes(copy)
