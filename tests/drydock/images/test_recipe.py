"""The recipes: one list, one folder each, and a key that changes with everything that decides an image."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drydock import images
from drydock.errors import BadRecipe
from drydock.images.recipe import RECIPES, recipes, with_parents


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the recipes that a test may spoil."""
    return Path(shutil.copytree(RECIPES, tmp_path / "recipes"))


def _keys(root: Path) -> dict[str, str]:
    return {image.name: image.key for image in recipes(root)}


def test_each_folder_is_in_the_list() -> None:
    """The folders of recipes and the entries of images.toml are the same set."""
    folders = {path.name for path in RECIPES.iterdir() if path.is_dir()}
    assert folders == {image.name for image in recipes()}


def test_an_image_comes_after_the_one_it_stands_on() -> None:
    """Building in the list's order finds each parent built."""
    order = [image.name for image in recipes()]
    assert all(image.parent is None or order.index(image.parent.name) < order.index(image.name) for image in recipes())


def test_parents_come_along() -> None:
    """Asking for one image means asking for those below it, and no others."""
    assert [image.name for image in with_parents(recipes(), ["kernel"])] == ["debian", "python", "kernel"]


def test_an_unknown_name_is_told() -> None:
    """A name no image has is an error that lists the names there are."""
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
    """An image is outdated when its own files change or those of one below it; the others stay current."""
    before = _keys(copy)
    with (copy / changed).open("a") as file:
        file.write("\n# changed\n")
    after = _keys(copy)
    assert {name for name in before if before[name] != after[name]} >= outdated
    if "dpkg.cfg.d" not in changed:
        assert {name for name in before if before[name] != after[name]} == outdated


def test_the_key_does_not_depend_on_where_the_recipes_lie(copy: Path) -> None:
    """Two checkouts of the same files share one cache."""
    assert _keys(copy) == _keys(RECIPES)
    assert len(images.key()) == 32


def test_a_parent_must_be_in_the_list(copy: Path) -> None:
    """A Dockerfile that stands on something foreign is refused: nothing is ever pulled."""
    (copy / "python/Dockerfile").write_text("FROM ubuntu:24.04\n")
    with pytest.raises(BadRecipe, match="ubuntu"):
        recipes(copy)
