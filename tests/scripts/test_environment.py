"""The one environment, and the locks it comes from."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement

from drydock.images.recipe import RECIPES
from scripts.environment import PLACES, ROOT, environment, pins


def lock(name: str) -> str:
    """The text of a lock."""
    file = RECIPES / "kernel" / "lock.txt" if name == "kernel" else ROOT / "locks" / f"{name}.txt"
    return file.read_text()


def test_every_place_has_the_same_bytes() -> None:
    """Binder and a conda user on a laptop get the same environment, which is the runtime's lock."""
    assert {place.read_text() for place in PLACES} == {environment(lock("runtime"))}


def test_pins_keep_versions_and_markers() -> None:
    """A pin is a line of the lock without its hashes."""
    text = (
        "# made by\nrich==15.0.0 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=x\n"
    )
    assert pins(text) == ["rich==15.0.0", "colorama==0.4.6 ; sys_platform == 'win32'"]


@pytest.mark.parametrize("name", ["dev", "kernel", "setup"])
def test_a_package_has_one_version_everywhere(name: str) -> None:
    """What a notebook meets in a test or in grading is what a student has."""
    runtime = {(one.name, str(one.specifier)) for one in map(Requirement, pins(lock("runtime")))}
    known = {one for one, _ in runtime}
    shared = {(one.name, str(one.specifier)) for one in map(Requirement, pins(lock(name))) if one.name in known}
    assert shared, "nothing in common"
    assert shared <= runtime


@pytest.mark.parametrize("name", ["dev", "kernel", "runtime", "setup"])
def test_a_lock_is_exact_and_hashed(name: str) -> None:
    """Every package has one version and the hashes of its files, and no word about where they come from."""
    text = lock(name)
    for block in re.split(r"\n(?=[a-z])", text)[1:]:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+", block)
        assert "--hash=sha256:" in block
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
