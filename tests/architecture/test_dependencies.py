"""What Drydock needs is written down where it is installed from."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from drydock.core.command import PACKAGE_OF
from tests.architecture.test_imports import imports
from tests.architecture.tree import ROOT, below


def test_every_import_is_declared() -> None:
    """Each package that a module imports stands in pyproject.toml: what others happen to bring may go any day."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = chain(project["dependencies"], *project["optional-dependencies"].values())
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    files = below("drydock", "*.py") + below("autograder", "*.py")
    tops = {module.split(".")[0] for path in files for module in imports(path)}
    foreign = tops - set(sys.stdlib_module_names) - {"drydock", "autograder"}
    brought_by = packages_distributions()
    undeclared = {top for top in foreign if declared.isdisjoint(map(canonicalize_name, brought_by.get(top, [])))}
    assert undeclared == set()


def test_setup_looks_for_what_drydock_calls() -> None:
    """`make setup` names the same programs and Debian packages as the error a person would meet later."""
    script = (ROOT / "scripts" / "setup").read_text()
    listed = re.search(r"^tools='\n(.*?)\n'$", script, re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert dict(line.split(":") for line in listed[1].splitlines()) == PACKAGE_OF
