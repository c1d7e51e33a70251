"""The pages of the API reference."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from scripts import api_reference
from scripts.api_reference import PUBLIC
from tests.architecture.tree import below

MODULES = [module for modules in PUBLIC.values() for module in modules]


def test_each_public_module_has_a_page(tmp_path: Path) -> None:
    """Each module has one page, and the page of its subject leads to it."""
    subjects = api_reference.write(tmp_path)
    assert len(subjects) == len(PUBLIC)
    overview = "".join((tmp_path / f"{subject}.rst").read_text() for subject in subjects)
    for module in MODULES:
        assert f".. automodule:: {module}\n" in (tmp_path / "reference" / f"{module}.rst").read_text()
        assert overview.count(f"   {module}\n") == 1


def test_public_modules_describe_themselves() -> None:
    """Each public module can be imported and has a docstring."""
    assert [module for module in MODULES if not importlib.import_module(module).__doc__] == []


def test_all_probes_are_public() -> None:
    """Each probe is in the reference, since authors of checks use all of them."""
    probes = {f"autograder.probes.{path.stem}" for path in below("autograder/probes", "[!_]*.py")}
    assert probes == set(PUBLIC["Probes"])


def test_references_to_public_classes_are_checked() -> None:
    """Sphinx checks references to classes of public modules, and no others."""
    assert not re.match(api_reference.UNCHECKED, "drydock.errors.NoSuchError")
    assert re.match(api_reference.UNCHECKED, "drydock.learn.terminal.Terminal")
    assert re.match(api_reference.UNCHECKED, "docker.DockerClient")
