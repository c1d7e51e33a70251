"""The environment files and the locks."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement

from drydock.images.recipe import RECIPES
from scripts.environment import FILES, ROOT, environment, pins


def read_lock(name: str) -> str:
    """Return the text of a lock."""
    file = RECIPES / "kernel" / "lock.txt" if name == "kernel" else ROOT / "locks" / f"{name}.txt"
    return file.read_text()


def versions(name: str) -> dict[str, str]:
    """Return the version of each package in a lock."""
    requirements = map(Requirement, pins(read_lock(name)))
    return {requirement.name: str(requirement.specifier) for requirement in requirements}


def test_environment_files_are_the_lock() -> None:
    """Binder and conda users get the same environment, with the versions of the runtime's lock."""
    assert {file.read_text() for file in FILES} == {environment(read_lock("runtime"))}


def test_pins_have_versions_and_markers() -> None:
    """A pin is a line of the lock without its hashes."""
    text = (
        "# made by\nrich==15.0.0 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=x\n"
    )
    assert pins(text) == ["rich==15.0.0", "colorama==0.4.6 ; sys_platform == 'win32'"]


@pytest.mark.parametrize("name", ["dev", "kernel", "setup"])
def test_packages_have_the_same_version_in_each_lock(name: str) -> None:
    """A package that several locks have has one version: tests and grading use what students have."""
    runtime = versions("runtime")
    shared = {package: version for package, version in versions(name).items() if package in runtime}
    assert shared, "no package in common"
    assert shared.items() <= runtime.items()


@pytest.mark.parametrize("name", ["dev", "kernel", "runtime", "setup"])
def test_locks_have_versions_and_hashes(name: str) -> None:
    """Every package of a lock has one version and hashes of its files, and the lock names no package index."""
    text = read_lock(name)
    for block in re.split(r"\n(?=[a-z])", text)[1:]:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+", block)
        assert "--hash=sha256:" in block
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
